--- What scikit-learn calls scoring: a number for a model on data, larger is better.
local core = require "mlp.core"
local check = require "mlp.check"
local metrics = require "mlp.metrics"

local M = {}

local function flat(t) return t:reshape(t:numel()):totable() end

local function mean(list, f)
  local sum = 0
  for i, v in ipairs(list) do sum = sum + f(v, i) end
  return sum / #list
end

local function classes(model, data) return data.y:totable(), model:predict(data):totable() end

--- The report on all classes: precision, recall, f1 of each, and their means.
local function report(model, data)
  local y, predicted = classes(model, data)
  return metrics.classification_report(y, predicted, { classes = data.n_classes })
end

local function two_classes(name, data)
  if data.n_classes ~= 2 then
    check.raise("argument", "scoring '%s': expected two classes, got %d; use '%s_macro' or "
      .. "'%s_weighted'", name, data.n_classes, name, name)
  end
end

local function accuracy(model, data)
  local y, predicted = classes(model, data)
  return mean(y, function(c, i) return c == predicted[i] and 1 or 0 end)
end

--- The probability of the second class, one a row.
local function second(p)
  if p.ndim > 1 and p.shape[2] > 1 then p = p:select(2, 2) end
  return flat(p)
end

local function roc_auc(model, data)
  two_classes("roc_auc", data)
  return metrics.roc_curve(data.y, second(model:predict_proba(data))).auc
end

local function average_precision(model, data)
  two_classes("average_precision", data)
  return metrics.precision_recall_curve(data.y, second(model:predict_proba(data))).average_precision
end

local EPSILON <const> = 2.2204460492503131e-16 -- where scikit-learn's log_loss clips float64

--- Minus the mean logarithm of the probability of the true class, of rows that add up to 1.
local function neg_log_loss(model, data)
  local p, y = model:predict_proba(data), data.y:totable()
  local rows, one = p:totable(), p.shape[2] == 1
  return mean(y, function(c, i)
    local row = one and { 1 - rows[i][1], rows[i][1] } or rows[i]
    local sum = 0
    for _, v in ipairs(row) do sum = sum + v end
    return math.log(math.min(math.max(row[c] / sum, EPSILON), 1 - EPSILON))
  end)
end

--- Targets and predictions of a regressor, as float64 columns.
local function values(model, data)
  local y, p = data.y:double(), model:predict(data):double()
  return y, p:reshape(table.unpack(y.shape))
end

local function mean_squared_error(model, data)
  local y, p = values(model, data)
  return (y - p):square():mean():item()
end

--- Of each column, then their mean; a constant column gives 1 where it is met exactly, else 0.
local function r2(model, data)
  local y, p = values(model, data)
  local residual = flat((y - p):square():sum(1))
  local total = flat((y - y:mean(1, true)):square():sum(1))
  return mean(residual, function(r, i)
    if total[i] == 0 then return r == 0 and 1 or 0 end
    return 1 - r / total[i]
  end)
end

local by_name = {
  accuracy = accuracy, roc_auc = roc_auc, average_precision = average_precision, r2 = r2,
  neg_log_loss = neg_log_loss,
  balanced_accuracy = function(model, data)
    local rows = {}
    for _, row in ipairs(report(model, data)) do
      if row.support > 0 then rows[#rows + 1] = row end
    end
    return mean(rows, function(row) return row.recall end)
  end,
  neg_mean_squared_error = function(model, data) return -mean_squared_error(model, data) end,
  neg_root_mean_squared_error = function(model, data)
    return -math.sqrt(mean_squared_error(model, data))
  end,
  neg_mean_absolute_error = function(model, data)
    local y, p = values(model, data)
    return -(y - p):abs():mean():item()
  end,
}

for _, name in ipairs { "precision", "recall", "f1" } do
  by_name[name] = function(model, data)
    two_classes(name, data)
    return report(model, data)[2][name]
  end
  for _, average in ipairs { "macro", "weighted" } do
    by_name[name .. "_" .. average] = function(model, data)
      return report(model, data)[average][name]
    end
  end
end

local function is_metric(model, name)
  for _, own in ipairs(model:metric_names()) do
    if own == name then return true end
  end
  return name == "loss"
end

--- What model:evaluate says under that name, where the model was compiled with it.
local function evaluated(name)
  return function(model, data)
    if not is_metric(model, name) then
      check.raise("argument", "scoring: unknown name '%s'%s; known names: %s; or 'loss', a metric "
        .. "that the model is compiled with, or a function (model, data)", name,
        check.hint(name, check.sorted_keys(by_name)),
        table.concat(check.sorted_keys(by_name), ", "))
    end
    return model:evaluate(data)[name]
  end
end

local function scorer(who, s)
  if type(s) == "function" then return s end
  if type(s) == "string" then return by_name[s] or evaluated(s) end
  check.raise("argument", "%s: option 'scoring': expected a name, a function (model, data), or a "
    .. "table of those, got %s", who, check.what(s))
end

--- The scorers that an option means, as a list of { name =, f = }; one without a table is "score".
--- nil: accuracy for classes, r2 for values.
function M.read(who, scoring, data)
  if scoring == nil then scoring = data.n_classes > 0 and "accuracy" or "r2" end
  if type(scoring) ~= "table" then return { { name = "score", f = scorer(who, scoring) } } end
  local list = {}
  for i, name in ipairs(scoring) do
    list[i] = { name = type(name) == "string" and name or tostring(i), f = scorer(who, name) }
  end
  if #list == 0 then
    for _, name in ipairs(check.sorted_keys(scoring)) do
      list[#list + 1] = { name = name, f = scorer(who, scoring[name]) }
    end
  end
  if #list == 0 then check.raise("argument", "%s: option 'scoring': expected a scorer, got none",
    who) end
  return list
end

--- The number that a scorer gives.
function M.apply(s, model, data)
  local value = s.f(model, data)
  if core.is_tensor(value) then value = value:item() end
  if type(value) ~= "number" then
    check.raise("argument", "scoring '%s': expected a number from the function, got %s", s.name,
      check.what(value))
  end
  return value
end

return M
