--- Charts of validation: learning and validation curves, folds and their scores.

local base = require "mlp.plot.base"
local check = require "mlp.check"

local M = {}

--- Means with a band of one standard deviation, or of what was given.
local function draw_score(panel, x, mean, sd, style)
  if sd then
    local low, high = {}, {}
    for i, m in ipairs(mean) do low[i], high[i] = m - sd[i], m + sd[i] end
    style.low, style.high = low, high
  end
  style.marker, style.size = "circle", 4
  panel:line(x, mean, style)
end

local function draw_scores(panel, x, curve)
  draw_score(panel, x, curve.train_mean or curve.train, curve.train_sd,
    { label = "training", color = "C0", dash = "dashed" })
  draw_score(panel, x, curve.test_mean or curve.test, curve.test_sd,
    { label = "validation", color = "C1" })
end

local function check_curve(who, curve, x)
  if type(curve) ~= "table" or type(curve[x]) ~= "table" or not (curve.train_mean or curve.train)
    or not (curve.test_mean or curve.test) then
    check.raise("argument", "%s: argument 1 'curve': expected what mlp.model_selection.%s returns "
      .. "(or { %s =, train =, test = }), got %s", who, who, x, type(curve))
  end
end

--- Scores over the number of training rows: curves that meet low are underfitting, a gap between
--- them is overfitting.
--- @param curve mlp.LearningCurve or { train_sizes =, train =, test = }
--- @param options? table
--- @return mlp.Figure
--- @usage mlp.plot.learning_curve(mlp.model_selection.learning_curve(build, data))
function M.learning_curve(curve, options)
  check_curve("learning_curve", curve, "train_sizes")
  options = base.check("learning_curve", options, base.FIGURE .. base.PANEL,
    { xlabel = "training rows", ylabel = "score", xinteger = true })
  local figure, panel = base.single(options)
  draw_scores(panel, curve.train_sizes, curve)
  return figure
end

local function is_log(values)
  if #values < 3 or values[1] <= 0 then return false end
  local ratio = values[2] / values[1]
  return ratio >= 2 and values[3] / values[2] > 1.5
end

--- Scores over a hyper-parameter, the best validation score marked.
--- @param curve mlp.ValidationCurve or { param_name =, param_range =, train =, test = }
--- @param options? table log (where the values grow by factors)
--- @return mlp.Figure
function M.validation_curve(curve, options)
  check_curve("validation_curve", curve, "param_range")
  options = base.check("validation_curve", options, base.FIGURE .. base.PANEL .. "log",
    { xlabel = (curve.param_name or "value"):gsub("_", " "), ylabel = "score" })
  local values, numbers, whole = curve.param_range, true, true
  for _, v in ipairs(values) do
    numbers = numbers and type(v) == "number"
    whole = whole and math.tointeger(v) ~= nil
  end
  local x, names = values, nil
  if not numbers then
    x, names = {}, {}
    for i, v in ipairs(values) do x[i], names[i] = i, tostring(v) end
  end
  local log = options.log
  if log == nil and numbers then log = is_log(values) end
  options.xscale = log and "log" or options.xscale
  if options.xinteger == nil then options.xinteger = whole end
  local figure, panel = base.single(options)
  panel:set { xnames = names }
  draw_scores(panel, x, curve)
  local best, at = -math.huge, nil
  for i, v in ipairs(curve.test_mean or curve.test) do
    if v > best then best, at = v, i end
  end
  if at then
    panel:vline(x[at], { label = ("best: %s"):format(tostring(values[at])), dash = "dotted",
                         linewidth = 1.2 })
  end
  return figure
end

--- { { train, test }, ... } of a splitter or of lists.
local function folds_of(splits, data)
  if type(splits) == "table" and type(splits[1]) == "table" then return splits end
  if type(splits) ~= "table" or not splits.split then
    check.raise("argument", "folds: argument 'splits': expected a splitter of mlp.model_selection "
      .. "or a list of { train rows, test rows }, got %s", check.what(splits))
  end
  local list = {}
  for train, test in splits:split(data) do list[#list + 1] = { train, test } end
  return list
end

--- Runs of neighbouring rows as boxes: from, to.
local function runs_of(rows)
  local sorted, list = table.move(rows, 1, #rows, 1, {}), {}
  table.sort(sorted)
  for _, row in ipairs(sorted) do
    local last = list[#list]
    if last and row == last[2] + 1 then last[2] = row else list[#list + 1] = { row, row } end
  end
  return list
end

--- Which rows each fold trains on and tests on.
--- @param splits table  a splitter of mlp.model_selection, or a list of { train rows, test rows }
--- @param data? mlp.Dataset|table  the dataset, where splits is a splitter
--- @param options? table
--- @return mlp.Figure
--- @usage mlp.plot.folds(mlp.model_selection.KFold { n_splits = 5 }, data):save "folds.png"
function M.folds(splits, data, options)
  local list = folds_of(splits, data)
  options = base.check("folds", options, base.FIGURE .. base.PANEL,
    { width = 6.4, height = math.max(2.2, 0.45 * #list + 1.1), xlabel = "row" })
  local figure, panel = base.single(options)
  local names = {}
  for i in ipairs(list) do names[i] = ("fold %d"):format(i) end
  panel:set { ynames = names, yreverse = true, grid = false, xinteger = true, legend = "outside",
              ylim = { 0.4, #list + 0.6 } }
  local parts = { { color = "C0", alpha = 0.5, label = "train" },
                  { color = "C1", label = "test" } }
  for part, style in ipairs(parts) do
    local x0, y0, x1, y1 = {}, {}, {}, {}
    for i, fold in ipairs(list) do
      for _, run in ipairs(runs_of(fold[part])) do
        x0[#x0 + 1], x1[#x1 + 1] = run[1] - 0.5, run[2] + 0.5
        y0[#y0 + 1], y1[#y1 + 1] = i - 0.35, i + 0.35
      end
    end
    panel:boxes(x0, y0, x1, y1, style)
  end
  return figure
end

local function moments(scores)
  local mean, square, n = 0, 0, #scores
  for _, s in ipairs(scores) do mean = mean + s / n end
  for _, s in ipairs(scores) do square = square + (s - mean) ^ 2 / n end
  return mean, math.sqrt(square)
end

--- The score of every fold as a point, with mean and standard deviation; models side by side.
--- @param scores number[]|number[][]  as mlp.model_selection gives, or a list of those
--- @param options? table names (of the models)
--- @return mlp.Figure
--- @usage mlp.plot.fold_scores({ small, large }, { names = { "8 units", "64 units" } })
function M.fold_scores(scores, options)
  if type(scores[1]) == "number" then scores = { scores } end
  options = base.check("fold_scores", options, base.FIGURE .. base.PANEL .. "names",
    { ylabel = "score", legend = false })
  if #scores == 0 then
    check.raise("argument", "fold_scores: argument 1 'scores': expected scores, got none")
  end
  local figure, panel = base.single(options)
  local names, x, mean, low, high = {}, {}, {}, {}, {}
  for i, list in ipairs(scores) do
    local m, sd = moments(list)
    x[i], mean[i], low[i], high[i] = i, m, m - sd, m + sd
    local name = options.names and options.names[i] or ("model %d"):format(i)
    names[i] = ("%s\n%.3f ± %.3f"):format(name, m, sd)
    local at = {}
    for k = 1, #list do at[k] = i + ((k - 1) / math.max(#list - 1, 1) - 0.5) * 0.24 end
    panel:scatter(at, list, { color = ("C%d"):format((i - 1) % 7), alpha = 0.7, size = 6 })
  end
  panel:scatter(x, mean, { low = low, high = high, marker = "diamond", size = 8, color = "fore" })
  panel:set { xnames = names, xlim = { 0.5, #scores + 0.5 } }
  return figure
end

return M
