--- Cross-validation. A model is built anew for each fold by a function of the script, so that no
--- fold has seen another's rows.
local core = require "mlp.core"
local check = require "mlp.check"
local folds = require "mlp.selection.folds"
local scorers = require "mlp.selection.scorers"

local M = {}

local function read_data(who, data)
  if getmetatable(data) == "mlp.Dataset" then
    if data.y == nil then
      check.raise("argument", "%s: argument 2 'data': expected rows with targets y, got none", who)
    end
    return data
  end
  if type(data) == "table" and data.x ~= nil then return require("mlp.data").dataset(data) end
  check.raise("argument", "%s: argument 2 'data': expected a dataset, or { x =, y = }, got %s", who,
    check.what(data))
end

local function check_build(who, build)
  if type(build) == "function" then return build end
  check.raise("argument", "%s: argument 1 'build': expected a function that returns a compiled "
    .. "model, got %s%s", who, check.what(build), core.type(build) == "mlp.Model"
    and "; each fold needs a model of its own" or "")
end

--- The folds that an option cv means, as a list of { train, test }.
local function read_folds(who, cv, data, groups)
  if cv == nil then cv = 5 end
  if math.type(cv) == "integer" then
    local kind = data.n_classes > 0 and "StratifiedKFold" or "KFold"
    cv = folds.kinds[kind] { n_splits = cv }
  end
  local list = {}
  if folds.is_splitter(cv) then
    for train, test in cv:split(data, groups) do list[#list + 1] = { train, test } end
  elseif type(cv) == "table" and type(cv[1]) == "table" then
    list = cv
  else
    check.raise("argument", "%s: option 'cv': expected a number of folds, a splitter of "
      .. "mlp.model_selection or a list of { train, test }, got %s", who, check.what(cv))
  end
  return list
end

--- The options of fit for these parameters: a table, or what a function of them returns. Quiet.
local function fit_options(who, fit, params)
  if type(fit) == "function" then fit = fit(params) end
  if fit ~= nil and type(fit) ~= "table" then
    check.raise("argument", "%s: option 'fit': expected the options of model:fit, or a function "
      .. "that returns them, got %s", who, check.what(fit))
  end
  local o = { verbose = 0 }
  for k, v in pairs(fit or {}) do o[k] = v end
  return o
end

--- Train a new model on some rows; the model, and what turns data into its input.
local function train(job, rows, params)
  local data, transform = job.data:take(rows), nil
  if job.transform then
    transform = job.transform:clone()
    data = transform:fit_transform(data)
  end
  local model = job.build(params)
  if core.type(model) ~= "mlp.Model" then
    check.raise("argument", "%s: argument 1 'build': expected it to return a compiled model, "
      .. "got %s",
      job.who, check.what(model))
  end
  model:fit(data, fit_options(job.who, job.fit, params))
  return model, transform
end

local function input(job, transform, rows)
  local data = job.data:take(rows)
  return transform and transform:transform(data) or data
end

--- All that is known of one fold.
local function run_fold(job, train_rows, test_rows, params)
  local start = core.clock()
  local model, transform = train(job, train_rows, params or {})
  local row = { estimator = model, transform = transform, fit_time = core.clock() - start,
    test = {},
    train = {} }
  start = core.clock()
  local test = input(job, transform, test_rows)
  for _, s in ipairs(job.scorers) do row.test[s.name] = scorers.apply(s, model, test) end
  row.score_time = core.clock() - start
  if job.return_train_score then
    local seen = input(job, transform, train_rows)
    for _, s in ipairs(job.scorers) do row.train[s.name] = scorers.apply(s, model, seen) end
  end
  return row
end

local function failed_fold(job)
  local row = { fit_time = 0, score_time = 0, test = {}, train = {} }
  for _, s in ipairs(job.scorers) do
    row.test[s.name], row.train[s.name] = job.error_score, job.error_score
  end
  return row
end

--- May a fold fail for that, and the others go on? Not for Ctrl-C or a mistake in the script.
local function excusable(job, e)
  local kind = type(e) == "table" and e.kind
  return job.error_score ~= "raise" and kind ~= "interrupted" and kind ~= "argument"
end

local function warn_of(job, failures)
  for _, failure in ipairs(failures) do
    core.warn(("%s: fold %d failed, its score is %s: %s"):format(job.who, failure.fold,
      job.error_score == job.error_score and job.error_score or "NaN", tostring(failure.error)))
  end
end

--- run_fold for each { train, test, params = }; error_score where one fails, unless all do.
local function run_folds(job, list)
  local rows, failures = {}, {}
  for i, pair in ipairs(list) do
    local ok, result = pcall(run_fold, job, pair[1], pair[2], pair.params)
    if not ok then
      if not excusable(job, result) then error(result, 0) end
      failures[#failures + 1] = { fold = i, error = result }
      result = failed_fold(job)
    end
    rows[i] = result
  end
  if #failures == #list then error(failures[1].error, 0) end
  warn_of(job, failures)
  return rows
end

local function read_job(who, build, data, options, more)
  local none = check.none
  local presets = { cv = none, scoring = none, groups = none, fit = none, transform = none,
    error_score = check.any(0 / 0) }
  for k, v in pairs(more) do presets[k] = v end
  local job = check.options(who, options, presets)
  job.who, job.build, job.data = who, check_build(who, build), read_data(who, data)
  if job.error_score ~= "raise" and type(job.error_score) ~= "number" then
    check.raise("argument", "%s: option 'error_score': expected a number or 'raise', got %s", who,
      check.what(job.error_score))
  end
  if job.transform ~= nil and not (type(job.transform) == "table" and job.transform.clone) then
    check.raise("argument", "%s: option 'transform': expected a transform of mlp.data, got %s", who,
      check.what(job.transform))
  end
  job.scorers = scorers.read(who, job.scoring, job.data)
  job.folds = read_folds(who, job.cv, job.data, job.groups)
  return job
end

--- Mean and standard deviation (over n, as NumPy's std) of a list.
local function moments(list)
  local mean, square = 0, 0
  for _, v in ipairs(list) do mean = mean + v / #list end
  for _, v in ipairs(list) do square = square + (v - mean) ^ 2 / #list end
  return mean, math.sqrt(square)
end

local function column(rows, f)
  local list = {}
  for i, row in ipairs(rows) do list[i] = f(row) end
  return list
end

--- A job with one scorer, whose numbers are "score".
local function one_scorer(job)
  if #job.scorers ~= 1 then
    check.raise("argument", "%s: option 'scoring': expected one scorer, got %d%s", job.who,
      #job.scorers,
      job.who == "cross_val_score" and "; use cross_validate" or "")
  end
  job.scorers[1].name = "score"
  return job
end

--
-- Scores
--

--- @class mlp.CrossValidation
--- @field fit_time number[]  seconds of building and training, one a fold
--- @field score_time number[]
--- @field mean table<string, number>  of each list, by its name
--- @field sd table<string, number>
local CrossValidation = { __name = "mlp.CrossValidation" }
CrossValidation.__index = CrossValidation

--- A line for each list of scores: mean and standard deviation.
--- @return string
function CrossValidation:__tostring()
  local lines = {}
  for _, name in ipairs(check.sorted_keys(self.mean)) do
    lines[#lines + 1] = ("%-16s %.4f +- %.4f (%d folds)"):format(name, self.mean[name],
      self.sd[name],
      #self[name])
  end
  return table.concat(lines, "\n")
end

local function summarize(result)
  result.mean, result.sd = {}, {}
  for _, name in ipairs(check.sorted_keys(result)) do
    if type(result[name][1]) == "number" then
      result.mean[name], result.sd[name] = moments(result[name])
    end
  end
  return setmetatable(result, CrossValidation)
end

local Selection = {}
M.functions = Selection

--- Train and score a new model on each fold.
--- Source: scikit-learn, cross_validate.
--- @param build fun(params: table): mlp.Model  makes and compiles a model, anew for each fold
--- @param data mlp.Dataset|table
--- @param options? table  cv 5 (folds: of classes StratifiedKFold, of values KFold; a splitter; or
---   a list of { train, test }), scoring (name, function (model, data), list or table of those;
---   preset accuracy of classes, r2 of values), groups, fit (options of model:fit, or a function of
---   params), transform (of mlp.data, fitted on each fold's training rows), return_train_score
---   false, return_estimator false, return_indices false, error_score NaN (of a fold that fails
---   while others do not) | "raise"
--- @return mlp.CrossValidation  lists, one number a fold: test_score (with several scorers
---   test_<name>), train_score, fit_time, score_time; estimator, transform, indices; mean, sd
--- @usage print(mlp.model_selection.cross_validate(build, data, { fit = { epochs = 50 } }))
function Selection.cross_validate(build, data, options)
  local job = read_job("cross_validate", build, data, options, { return_train_score = false,
    return_estimator = false, return_indices = false })
  local rows = run_folds(job, job.folds)
  local result = {
    fit_time = column(rows, function(row) return row.fit_time end),
    score_time = column(rows, function(row) return row.score_time end),
  }
  for _, s in ipairs(job.scorers) do
    result["test_" .. s.name] = column(rows, function(row) return row.test[s.name] end)
    if job.return_train_score then
      result["train_" .. s.name] = column(rows, function(row) return row.train[s.name] end)
    end
  end
  summarize(result)
  if job.return_estimator then
    result.estimator = column(rows, function(row) return row.estimator end)
    result.transform = column(rows, function(row) return row.transform end)
  end
  if job.return_indices then
    result.indices = {
      train = column(job.folds, function(fold) return fold[1] end),
      test = column(job.folds, function(fold) return fold[2] end),
    }
  end
  return result
end

--- @class mlp.Scores
--- @field mean number
--- @field sd number  over n
local Scores = { __name = "mlp.Scores" }
Scores.__index = Scores

function Scores:__tostring()
  return ("%.4f +- %.4f (%d folds)"):format(self.mean, self.sd, #self)
end

--- The scores of cross_validate alone, as a list with `mean` and `sd`.
--- Source: scikit-learn, cross_val_score.
--- @param build fun(params: table): mlp.Model
--- @param data mlp.Dataset|table
--- @param options? table  cv, scoring (one), groups, fit, transform, error_score, as cross_validate
--- @return mlp.Scores
--- @usage print(mlp.model_selection.cross_val_score(build, data, { cv = 5 })) --> 0.9533 +- 0.0267
function Selection.cross_val_score(build, data, options)
  local job = one_scorer(read_job("cross_val_score", build, data, options, {}))
  local scores = column(run_folds(job, job.folds), function(row) return row.test.score end)
  scores.mean, scores.sd = moments(scores)
  return setmetatable(scores, Scores)
end

local METHODS <const> = { predict = true, predict_proba = true }

--- Each row must be tested once.
local function check_partition(who, list, n)
  local tested = {}
  for _, fold in ipairs(list) do
    for _, row in ipairs(fold[2]) do
      if tested[row] then
        check.raise("argument", "%s: option 'cv': expected each row in one test, got "
          .. "row %d in several",
          who, row)
      end
      tested[row] = true
    end
  end
  for row = 1, n do
    if not tested[row] then
      check.raise("argument", "%s: option 'cv': expected each row in one test, got row %d in none",
        who,
        row)
    end
  end
end

--- For each row what the model predicts that has not seen it, in the order of the rows.
--- Source: scikit-learn, cross_val_predict.
--- @param build fun(params: table): mlp.Model
--- @param data mlp.Dataset|table
--- @param options? table  method "predict" | "predict_proba", cv, groups, fit, transform
--- @return mlp.Tensor
function Selection.cross_val_predict(build, data, options)
  local who = "cross_val_predict"
  local job = read_job(who, build, data, options, { method = "predict" })
  if not METHODS[job.method] then
    check.raise("argument", "%s: option 'method': expected 'predict' or 'predict_proba', got '%s'",
      who,
      job.method)
  end
  check_partition(who, job.folds, #job.data)
  local parts, back, at = {}, {}, 0
  for i, fold in ipairs(job.folds) do
    local model, transform = train(job, fold[1], {})
    parts[i] = model[job.method](model, input(job, transform, fold[2]))
    for _, row in ipairs(fold[2]) do
      at = at + 1
      back[row] = at
    end
  end
  return core.concat(parts, 1):index_select(1, core.tensor(back, { dtype = "int64" }))
end

M.read_job, M.run_folds, M.moments, M.one_scorer = read_job, run_folds, moments, one_scorer

return M
