--- Charts of scores against targets: ROC, precision and recall, calibration, thresholds. Two
--- classes, or each class against the rest.

local base = require "mlp.plot.base"
local check = require "mlp.check"
local core = require "mlp.core"
local primitives = core.plot

local M = {}

local function list_of(v)
  if core.is_tensor(v) then return (primitives.values(v)) end
  return v
end

--- 1 where the target is class k, else 0; for two classes with one score: is it the second?
local function hits(y, k)
  local out = {}
  for i, v in ipairs(y) do out[i] = v == k and 1 or 0 end
  return out
end

--- Targets as 0 and 1, of classes 1 and 2 or of values 0 and 1.
local function binary(who, y)
  local low, high = primitives.range(y)
  if not low or low < 0 or high > 2 or (low == 0 and high == 2) then
    check.raise("argument", "%s: argument 1 'y': expected classes 1 and 2, or 0 and 1, got values "
      .. "from %s to %s", who, tostring(low), tostring(high))
  end
  local by_class = high == 2 or (low == 1 and high == 1)
  return by_class and hits(y, 2) or y
end

--- What is to be drawn: a list of { label, y (0 and 1), scores }.
local function cases(who, y, scores, names)
  if core.type(y) == "mlp.Model" then
    check.raise("argument", "%s: argument 1 'y': expected classes, got a model; %s(test.y, "
      .. "model:predict_proba(test))", who, who)
  end
  y = list_of(y)
  base.check_some(who, "argument 1 'y'", y)
  local shape = core.is_tensor(scores) and scores.shape or nil
  local columns = shape and #shape == 2 and shape[2] or 1
  if type(scores) == "table" and type(scores[1]) == "table" then
    scores = core.tensor(scores)
    columns = scores.shape[2]
  end
  local rows = columns > 1 and scores.shape[1] or #list_of(scores)
  if #y ~= rows then
    check.raise("shape", "%s: expected as many targets as scores, got %d and %d", who, #y, rows)
  end
  if columns == 1 then
    return { { label = names and (names[2] or names[1]), y = binary(who, y),
               scores = list_of(scores) } }
  end
  if columns == 2 then
    return { { label = names and names[2], y = hits(y, 2),
               scores = list_of(primitives.column(scores, 2)) } }
  end
  local list = {}
  for k = 1, columns do
    list[k] = { label = names and names[k] or ("class %d"):format(k), y = hits(y, k),
                scores = list_of(primitives.column(scores, k)) }
  end
  return list
end

--- Lists of { label, y, scores }, or one y with its scores.
local function read_cases(who, y, scores, names)
  if type(y) == "table" and type(y[1]) == "table" and y[1].scores then
    local all = {}
    for _, one in ipairs(y) do
      for _, case in ipairs(cases(who, one.y, one.scores)) do
        case.label = one.label or case.label
        all[#all + 1] = case
      end
    end
    return all
  end
  return cases(who, y, scores, names)
end

local LONGEST <const> = 14 -- letters of a name: the number after it must be seen

local function name_of(case)
  local name = case.label
  if not name or not utf8.len(name) or utf8.len(name) <= LONGEST then return name end
  return name:sub(1, utf8.offset(name, LONGEST) - 1) .. "\u{2026}"
end

--- Areas are those of both classes: of one alone there is none.
local function label(case, what, value)
  local low, high = primitives.range(case.y)
  local text = low == high and what .. " undefined" or ("%s %.3f"):format(what, value)
  local name = name_of(case)
  return name and name .. ": " .. text or text
end

local SQUARE = { width = 5, height = 4.6 }
local SHARE = { -0.02, 1.02 }

local function open(who, options, xlabel, ylabel)
  options = base.check(who, options, base.FIGURE .. base.PANEL .. "names",
    { xlabel = xlabel, ylabel = ylabel })
  options.width, options.height = options.width or SQUARE.width, options.height or SQUARE.height
  options.xlim, options.ylim = options.xlim or SHARE, options.ylim or SHARE
  return options
end

--- The receiver operating characteristic, with the area under it in the legend.
--- @param y table|mlp.Tensor  targets: classes (1, 2...) or 0 and 1; or a list of
---   { label, y, scores } to compare
--- @param scores table  a score per row, or (rows, classes): each class against the rest
--- @param options? table names (of classes)
--- @return mlp.Figure
--- @usage mlp.plot.roc(test.y, model:predict_proba(test)):save "roc.png"
function M.roc(y, scores, options)
  options = open("roc", options, "false positive rate", "true positive rate")
  local figure, panel = base.single(options)
  panel:line({ 0, 1 }, { 0, 1 }, { color = "faint", dash = "dashed", linewidth = 1 })
  for _, case in ipairs(read_cases("roc", y, scores, options.names)) do
    local curve = require("mlp.metrics").roc_curve(case.y, case.scores)
    panel:line(curve.fpr, curve.tpr, { label = label(case, "AUC", curve.auc) })
  end
  return figure
end

--- Precision against recall, with the average precision in the legend.
--- @param y table|mlp.Tensor  as in roc
--- @param scores table|mlp.Tensor
--- @param options? table names (of classes)
--- @return mlp.Figure
function M.precision_recall(y, scores, options)
  options = open("precision_recall", options, "recall", "precision")
  local figure, panel = base.single(options)
  for _, case in ipairs(read_cases("precision_recall", y, scores, options.names)) do
    local curve = require("mlp.metrics").precision_recall_curve(case.y, case.scores)
    panel:line(curve.recall, curve.precision,
      { label = label(case, "AP", curve.average_precision) })
  end
  return figure
end

--- Mean score and share of positives in equal intervals; empty ones are left out.
local function reliability(case, bins)
  local sums, hit, n = {}, {}, {}
  for i, s in ipairs(case.scores) do
    if s == s then
      local k = math.min(bins, math.max(1, math.floor(s * bins) + 1))
      sums[k], hit[k], n[k] = (sums[k] or 0) + s, (hit[k] or 0) + case.y[i], (n[k] or 0) + 1
    end
  end
  local x, share, error, total = {}, {}, 0, #case.scores
  for k = 1, bins do
    if n[k] then
      x[#x + 1], share[#share + 1] = sums[k] / n[k], hit[k] / n[k]
      error = error + n[k] / total * math.abs(sums[k] / n[k] - hit[k] / n[k])
    end
  end
  return x, share, error
end

--- Is a score of 0.8 right in 8 of 10 cases? The share of positives over the mean score, in equal
--- intervals, with the expected calibration error; below, how often each score is given.
--- Source: Guo et al. 2017, arXiv:1706.04599.
--- @param y table|mlp.Tensor  as in roc
--- @param scores table|mlp.Tensor  probabilities
--- @param options? table names (of classes), bins (10)
--- @return mlp.Figure
function M.calibration(y, scores, options)
  options = base.check("calibration", options, base.FIGURE .. "title names bins", { bins = 10 })
  local list = read_cases("calibration", y, scores, options.names)
  local settings = base.pick(options, base.FIGURE .. "title")
  settings.rows, settings.heights, settings.sharex = 2, { 3, 1 }, true
  settings.width, settings.height = options.width or 5, options.height or 5.6
  local figure = base.figure(settings)
  local top = figure:panel(1, 1):set { ylabel = "share of positives", xlim = SHARE, ylim = SHARE }
  local low = figure:panel(2, 1):set { xlabel = "predicted probability", ylabel = "count" }
  top:line({ 0, 1 }, { 0, 1 }, { color = "faint", dash = "dashed", linewidth = 1 })
  for _, case in ipairs(list) do
    local x, share, error = reliability(case, options.bins)
    top:line(x, share, { marker = "circle", label = label(case, "ECE", error) })
    local counts, middles = primitives.histogram(case.scores, options.bins, 0, 1), {}
    for i = 1, options.bins do middles[i] = (i - 0.5) / options.bins end
    low:bars(middles, counts, { bar_width = 1 / options.bins, alpha = #list > 1 and 0.5 or 1,
                                edge = "back" })
  end
  return figure
end

--- Precision, recall and F1 for every threshold, the best F1 marked.
--- @param y table|mlp.Tensor  as in roc, two classes
--- @param scores table|mlp.Tensor
--- @param options? table
--- @return mlp.Figure
function M.thresholds(y, scores, options)
  options = base.check("thresholds", options, base.FIGURE .. base.PANEL,
    { xlabel = "threshold", ylabel = "score", ylim = SHARE })
  local list = read_cases("thresholds", y, scores)
  if #list > 1 then
    check.raise("argument", "thresholds: expected two classes, got %d", #list)
  end
  local curve = require("mlp.metrics").precision_recall_curve(list[1].y, list[1].scores)
  local at, f1, best = curve.thresholds, {}, 1
  for i = 1, #at do
    local p, r = curve.precision[i], curve.recall[i]
    f1[i] = p + r > 0 and 2 * p * r / (p + r) or 0
    if f1[i] > f1[best] then best = i end
  end
  local figure, panel = base.single(options)
  local function draw(values, name)
    panel:line(at, table.move(values, 1, #at, 1, {}), { label = name })
  end
  draw(curve.precision, "precision")
  draw(curve.recall, "recall")
  draw(f1, "F1")
  panel:vline(at[best], { label = ("best F1 %.3f at %.3g"):format(f1[best], at[best]),
                          dash = "dotted", linewidth = 1.2 })
  return figure
end

return M
