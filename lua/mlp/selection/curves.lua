--- Learning and validation curves: scores of cross-validation along one axis.
local check = require "mlp.check"
local random_state = require "mlp.selection.random_state"
local validate = require "mlp.selection.validate"

local M = {}

local run_folds <const>, moments <const> = validate.run_folds, validate.moments

--- A job that scores training rows, too, by one number.
local function read_curve_job(...)
  local job = validate.one_scorer(validate.read_job(...))
  job.return_train_score = true
  return job
end

--- Fill result.train_scores, .test_scores [point][fold] and their means and deviations.
local function add_scores(result, rows, points, n_folds)
  for _, part in ipairs { "train", "test" } do
    local scores, means, sds = {}, {}, {}
    for p = 1, points do
      scores[p] = {}
      for f = 1, n_folds do scores[p][f] = rows[(p - 1) * n_folds + f][part].score end
      means[p], sds[p] = moments(scores[p])
    end
    result[part .. "_scores"], result[part .. "_mean"], result[part .. "_sd"] = scores, means, sds
  end
  return result
end

--- A line for each point of a curve: where, and mean and deviation of both scores.
local function curve_text(self, name, points)
  local lines = { ("%12s  %-18s %-18s"):format(name, "train", "test") }
  for i, at in ipairs(points) do
    lines[#lines + 1] = ("%12s  %.4f +- %.4f   %.4f +- %.4f"):format(tostring(at),
      self.train_mean[i], self.train_sd[i], self.test_mean[i], self.test_sd[i])
  end
  return table.concat(lines, "\n")
end

--- The numbers of rows that shares of the largest training part, or numbers, mean; each once.
local function read_sizes(sizes, most)
  local seen, list = {}, {}
  for _, v in ipairs(sizes) do
    local n = v
    if math.type(v) == "float" and v > 0 and v <= 1 then
      n = math.max(1, math.tointeger(math.floor(v * most)))
    elseif math.type(v) ~= "integer" or v < 1 or v > most then
      check.raise("argument", "learning_curve: option 'train_sizes': expected shares from above 0 "
        .. "to 1, or numbers from 1 to %d, got %s", most, check.what(v))
    end
    if not seen[n] then list[#list + 1] = n end
    seen[n] = true
  end
  table.sort(list)
  return list
end

--- @class mlp.LearningCurve
--- @field train_sizes integer[]
--- @field train_scores number[][]  [size][fold]
--- @field test_scores number[][]
--- @field train_mean number[]
--- @field train_sd number[]  over n
--- @field test_mean number[]
--- @field test_sd number[]
--- @field fit_times number[][]  seconds
local LearningCurve = { __name = "mlp.LearningCurve" }
LearningCurve.__index = LearningCurve

function LearningCurve:__tostring() return curve_text(self, "rows", self.train_sizes) end

--- Train and test scores for growing numbers of training rows: those are the first of each fold's.
--- Source: scikit-learn, learning_curve.
--- @param build fun(params: table): mlp.Model
--- @param data mlp.Dataset|table
--- @param options? table  train_sizes { 0.1, 0.325, 0.55, 0.775, 1.0 } (shares, floats; or numbers
---   of rows, integers), shuffle false (the training rows, before the first are taken),
---   random_state (the run's seed), and cv, scoring (one), groups, fit, transform, error_score as
---   cross_validate
--- @return mlp.LearningCurve  train_sizes; train_scores, test_scores [size][fold]; train_mean,
---   train_sd, test_mean, test_sd [size]; fit_times [size][fold]
--- @usage print(mlp.model_selection.learning_curve(build, data, { cv = 5 }))
function M.learning_curve(build, data, options)
  local who = "learning_curve"
  local job = read_curve_job(who, build, data, options, { train_sizes = { 0.1, 0.325, 0.55, 0.775,
    1.0 },
    shuffle = false, random_state = check.none })
  local sizes = read_sizes(job.train_sizes, #job.folds[1][1])
  local random = job.shuffle and random_state.new(who, job.random_state)
  local order = {}
  for f, fold in ipairs(job.folds) do
    order[f] = random and random:shuffle(table.move(fold[1], 1, #fold[1], 1, {})) or fold[1]
  end
  local jobs = {}
  for _, n in ipairs(sizes) do
    for f, fold in ipairs(job.folds) do
      jobs[#jobs + 1] = { table.move(order[f], 1, math.min(n, #order[f]), 1, {}), fold[2] }
    end
  end
  local rows = run_folds(job, jobs)
  local result = { train_sizes = sizes, fit_times = {} }
  for p = 1, #sizes do
    result.fit_times[p] = {}
    for f = 1, #job.folds do
      result.fit_times[p][f] = rows[(p - 1) * #job.folds + f].fit_time
    end
  end
  return setmetatable(add_scores(result, rows, #sizes, #job.folds), LearningCurve)
end

--- @class mlp.ValidationCurve
--- @field param_name string
--- @field param_range any[]
--- @field train_scores number[][]  [value][fold]
--- @field test_scores number[][]
--- @field train_mean number[]
--- @field train_sd number[]  over n
--- @field test_mean number[]
--- @field test_sd number[]
local ValidationCurve = { __name = "mlp.ValidationCurve" }
ValidationCurve.__index = ValidationCurve

function ValidationCurve:__tostring() return curve_text(self, self.param_name, self.param_range) end

--- Train and test scores for several values of one parameter, which build gets (and fit, where it
--- is a function): params[param_name].
--- Source: scikit-learn, validation_curve.
--- @param build fun(params: table): mlp.Model
--- @param data mlp.Dataset|table
--- @param options table  param_name, param_range (values), and cv, scoring (one), groups, fit,
---   transform, error_score as cross_validate
--- @return mlp.ValidationCurve  param_name, param_range; train_scores, test_scores [value][fold];
---   train_mean, train_sd, test_mean, test_sd [value]
--- @usage print(mlp.model_selection.validation_curve(build, data,
---   { param_name = "units", param_range = { 2, 4, 8, 16 } }))
function M.validation_curve(build, data, options)
  local who = "validation_curve"
  local job = read_curve_job(who, build, data, options, { param_name = check.none,
    param_range = check.none })
  if type(job.param_name) ~= "string" then
    check.raise("argument", "%s: option 'param_name': expected the name of a parameter, got %s",
      who,
      check.what(job.param_name))
  end
  if type(job.param_range) ~= "table" or #job.param_range == 0 then
    check.raise("argument", "%s: option 'param_range': expected a list of values, got %s", who,
      check.what(job.param_range))
  end
  local jobs = {}
  for _, value in ipairs(job.param_range) do
    for _, fold in ipairs(job.folds) do
      jobs[#jobs + 1] = { fold[1], fold[2], params = { [job.param_name] = value } }
    end
  end
  local rows = run_folds(job, jobs)
  local result = { param_name = job.param_name, param_range = job.param_range }
  return setmetatable(add_scores(result, rows, #job.param_range, #job.folds), ValidationCurve)
end

return M
