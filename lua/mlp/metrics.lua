--- mlp.metrics, the part that looks at all predictions at once: confusion matrix, curves, report.
--- The kinds that training accumulates batch by batch are in runtime/metric/.
--- Numbers are scikit-learn's; 0 / 0 is 0.
local core = require "mlp.core"
local check = require "mlp.check"

local M = {}

local function share(part, whole) return whole == 0 and 0 or part / whole end

--- A list of numbers from a list or a tensor.
local function numbers(who, name, v)
  if core.is_tensor(v) then v = v:reshape(v:numel()):totable() end
  if type(v) ~= "table" then
    check.raise("argument", "%s: argument '%s': expected a tensor or a list, got %s", who, name,
      check.what(v))
  end
  return v
end

--- Class numbers: as they are, or from probabilities (rows, K) or (rows, 1), as a list or a tensor.
local function classes(who, name, v, threshold)
  local t = type(v) == "table" and type(v[1]) == "table" and core.tensor(v) or v
  if not core.is_tensor(t) or t.ndim < 2 then return numbers(who, name, v) end
  local single = t:sum(-1):double():sub(1):abs():lt(1e-3)
  if t.shape[2] > 1 and name == "y" and single:sum():item() < #t then
    check.raise("argument", "%s: argument 'y': expected classes, or rows with one class each, got "
      .. "rows of several labels; take one at a time: y[{ {}, k }]:long() + 1", who)
  end
  if t.shape[2] > 1 then return t:argmax(-1):totable() end
  local list = numbers(who, name, t)
  if t.dtype == "int64" then return list end
  for i, p in ipairs(list) do list[i] = p > threshold and 2 or 1 end
  return list
end

local function check_rows(who, a, b)
  if #a ~= #b then
    check.raise("shape", "%s: expected as many targets as predictions, got %d and %d", who, #a, #b)
  end
end

--- Targets and predictions as class numbers, and how many classes there are.
local function labels(who, y, predicted, o)
  if core.type(y) == "mlp.Dataset" then
    if y.n_classes == 0 then
      check.raise("argument", "%s: argument 'y': expected a dataset of classes, got one of values",
        who)
    end
    o.class_names, o.classes, y = o.class_names or y.class_names, o.classes or y.n_classes, y.y
  end
  y = classes(who, "y", y, o.threshold)
  predicted = classes(who, "predicted", predicted, o.threshold)
  check_rows(who, y, predicted)
  local k, given = 0, o.classes or (o.class_names and #o.class_names)
  for name, list in pairs { y = y, predicted = predicted } do
    for i, c in ipairs(list) do
      if math.type(c) ~= "integer" or c < 1 or (given and c > given) then
        check.raise("argument", "%s: label %s at row %d of '%s': expected a class, 1..%s", who, c,
          i, name, given or "K")
      end
      k = math.max(k, c)
    end
  end
  return y, predicted, given or k
end

local function count(y, predicted, k)
  local m = {}
  for i = 1, k do
    m[i] = {}
    for j = 1, k do m[i][j] = 0 end
  end
  for i, c in ipairs(y) do m[c][predicted[i]] = m[c][predicted[i]] + 1 end
  return m
end

--- Sums of rows and of columns, and the diagonal.
local function margins(m)
  local rows, columns, right = {}, {}, 0
  for i, row in ipairs(m) do
    rows[i], columns[i] = 0, 0
    for j, n in ipairs(row) do
      rows[i] = rows[i] + n
      columns[i] = columns[i] + m[j][i]
    end
    right = right + row[i]
  end
  return rows, columns, right
end

--- How often class i was called class j: rows are true classes, columns predicted ones. Both are
--- classes, so nothing can tell that the two were swapped: the matrix is then transposed.
--- @param y mlp.Tensor|integer[]|mlp.Dataset  classes from 1
--- @param predicted mlp.Tensor|integer[]  classes, or probabilities (rows, K) or (rows, 1)
--- @param options? table  classes (preset: the largest seen), normalize "none" | "true" |
---   "predicted" | "all", threshold 0.5 (of one output)
--- @return mlp.Tensor  (K, K), int64; float64 where it is normalized
--- @usage print(mlp.metrics.confusion_matrix(test.y, model:predict(test)))
function M.confusion_matrix(y, predicted, options)
  local o = check.options("confusion_matrix", options, { classes = check.none, normalize = "none",
    threshold = 0.5 })
  local true_classes, called, k = labels("confusion_matrix", y, predicted, o)
  local m = count(true_classes, called, k)
  if o.normalize == "none" then return core.tensor(m, { dtype = "int64" }) end
  local rows, columns = margins(m)
  local whole = {
    ["true"] = function(i) return rows[i] end,
    predicted = function(_, j) return columns[j] end,
    all = function() return #true_classes end,
  }
  whole.pred = whole.predicted -- scikit-learn's word
  if not whole[o.normalize] then
    check.raise("argument", "confusion_matrix: option 'normalize': expected one of none, true, "
      .. "predicted, all; got '%s'", o.normalize)
  end
  for i = 1, k do
    for j = 1, k do m[i][j] = share(m[i][j], whole[o.normalize](i, j)) end
  end
  return core.tensor(m, { dtype = "float64" })
end

local Report = { __name = "mlp.Report" }
Report.__index = Report

function Report.__tostring(r)
  local lines = { ("%-16s %9s %9s %9s %9s"):format("", "precision", "recall", "f1", "support") }
  local function add(name, v)
    lines[#lines + 1] = ("%-16s %9.4f %9.4f %9.4f %9d"):format(name, v.precision, v.recall, v.f1,
      v.support)
  end
  for _, row in ipairs(r) do add(row.name, row) end
  lines[#lines + 1] = ("%-16s %29.4f %9d"):format("accuracy", r.accuracy, r.macro.support)
  add("macro", r.macro)
  add("weighted", r.weighted)
  return table.concat(lines, "\n")
end

--- The mean of the classes' numbers, weighted by weight(row).
local function averaged(rows, weight)
  local mean, total, support = { precision = 0, recall = 0, f1 = 0 }, 0, 0
  for _, row in ipairs(rows) do
    local w = weight(row)
    for key in pairs(mean) do mean[key] = mean[key] + w * row[key] end
    total, support = total + w, support + row.support
  end
  for key, v in pairs(mean) do mean[key] = share(v, total) end
  mean.support = support
  return mean
end

--- Precision, recall, F1 and support of each class, and their means. As text a table.
--- @param y mlp.Tensor|integer[]|mlp.Dataset  classes from 1; a dataset has their names, too
--- @param predicted mlp.Tensor|integer[]  as in confusion_matrix
--- @param options? table  classes, class_names, threshold 0.5
--- @return table  a row { name, precision, recall, f1, support } for each class; accuracy, macro,
---   weighted
--- @usage print(mlp.metrics.classification_report(test, model:predict(test)))
function M.classification_report(y, predicted, options)
  local o = check.options("classification_report", options, { classes = check.none,
    class_names = check.none, threshold = 0.5 })
  local true_classes, called, k = labels("classification_report", y, predicted, o)
  local m = count(true_classes, called, k)
  local rows, columns, right = margins(m)
  local r = setmetatable({ accuracy = share(right, #true_classes) }, Report)
  for c = 1, k do
    local precision, recall = share(m[c][c], columns[c]), share(m[c][c], rows[c])
    r[c] = {
      name = o.class_names and o.class_names[c] or tostring(c), precision = precision,
      recall = recall, f1 = share(2 * m[c][c], rows[c] + columns[c]), support = rows[c],
    }
  end
  r.macro = averaged(r, function() return 1 end)
  r.weighted = averaged(r, function(row) return row.support end)
  return r
end

--- Is row i positive? Of classes the second is; of values, 1.
local function positives(who, y)
  local by_class = core.is_tensor(y) and y.dtype == "int64"
  local list, is = numbers(who, "y", y), {}
  local low = by_class and 1 or 0
  for i, v in ipairs(list) do
    if v ~= low and v ~= low + 1 then
      check.raise("argument", "%s: target %s at row %d: expected %s", who, v, i, by_class
        and "a class, 1 or 2" or "0 or 1 (or classes, int64)")
    end
    is[i] = v == low + 1
  end
  return is
end

--- At each distinct score from the highest down: how many of that or more are positive, negative.
local function cumulate(who, y, scores)
  local is, score, order = positives(who, y), numbers(who, "scores", scores), {}
  check_rows(who, is, score)
  for i, v in ipairs(score) do
    if v ~= v then check.raise("argument", "%s: the score at row %d is not a number", who, i) end
    order[i] = i
  end
  table.sort(order, function(a, b) return score[a] > score[b] end)
  local tp, fp, thresholds, n = {}, {}, {}, 0
  local t, f = 0, 0
  for k, i in ipairs(order) do
    if is[i] then t = t + 1 else f = f + 1 end
    if score[order[k + 1]] ~= score[i] then
      n = n + 1
      tp[n], fp[n], thresholds[n] = t, f, score[i]
    end
  end
  return tp, fp, thresholds
end

--- Does the line through the points turn at i?
local function turns(v, i) return v[i - 1] - 2 * v[i] + v[i + 1] ~= 0 end

--- The receiver operating characteristic: what is found against what is falsely called positive,
--- for every threshold from above the highest score down.
--- @param y mlp.Tensor|number[]  classes 1 and 2 (int64; the second is positive), or 0 and 1
--- @param scores mlp.Tensor|number[]  larger: rather positive
--- @param options? table  drop_intermediate true: leave out points on a straight line
--- @return { fpr: number[], tpr: number[], thresholds: number[], auc: number }
function M.roc_curve(y, scores, options)
  local o = check.options("roc_curve", options, { drop_intermediate = true })
  local tp, fp, thresholds = cumulate("roc_curve", y, scores)
  local n, curve = #tp, { fpr = { 0 }, tpr = { 0 }, thresholds = { math.huge }, auc = 0 }
  for i = 1, n do
    if not o.drop_intermediate or i == 1 or i == n or turns(tp, i) or turns(fp, i) then
      local k = #curve.fpr + 1
      curve.fpr[k], curve.tpr[k] = share(fp[i], fp[n]), share(tp[i], tp[n])
      curve.thresholds[k] = thresholds[i]
      curve.auc = curve.auc
        + (curve.fpr[k] - curve.fpr[k - 1]) * (curve.tpr[k] + curve.tpr[k - 1]) / 2
    end
  end
  return curve
end

--- Precision against recall, for every threshold from the lowest score up; at the end the point of
--- precision 1 and recall 0, which has no threshold.
--- @param y mlp.Tensor|number[]  as in roc_curve
--- @param scores mlp.Tensor|number[]
--- @return { precision: number[], recall: number[], thresholds: number[],
---   average_precision: number }
function M.precision_recall_curve(y, scores)
  local tp, fp, thresholds = cumulate("precision_recall_curve", y, scores)
  local n = #tp
  local curve = { precision = {}, recall = {}, thresholds = {}, average_precision = 0 }
  for i = n, 1, -1 do
    local k = n - i + 1
    curve.precision[k], curve.recall[k] = share(tp[i], tp[i] + fp[i]), share(tp[i], tp[n])
    curve.thresholds[k] = thresholds[i]
    local gained = curve.recall[k] - share(tp[i - 1] or 0, tp[n])
    curve.average_precision = curve.average_precision + gained * curve.precision[k]
  end
  curve.precision[n + 1], curve.recall[n + 1] = 1, 0
  return curve
end

return M
