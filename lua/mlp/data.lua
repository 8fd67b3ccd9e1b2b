--- mlp.data: datasets from your own numbers, and what is done to their columns.
local core = require "mlp.core"
local check = require "mlp.check"

local M = {}

local function is_dataset(v) return getmetatable(v) == "mlp.Dataset" end

--- Texts as classes: their numbers, and the texts in order.
local function encode(list)
  local seen, names, codes = {}, {}, {}
  for _, text in ipairs(list) do
    if type(text) == "string" and not seen[text] then
      seen[text] = true
      names[#names + 1] = text
    end
  end
  table.sort(names)
  for i, text in ipairs(names) do seen[text] = i end
  for i, text in ipairs(list) do
    codes[i] = seen[text] or check.raise("argument",
      "dataset: label %s at row %d; expected a string as in row 1", tostring(text), i)
  end
  return codes, names
end

--- The targets as the engine wants them, and the number of classes (0: values).
local function targets(o, x)
  local y, names = o.y, o.class_names
  if y == nil then return nil, 0 end
  if type(y) == "table" and type(y[1]) == "string" then
    y, names = encode(y)
  end
  local classes = o.classes
  if classes == nil then
    classes = names ~= nil or (core.is_tensor(y) and y.dtype == "int64")
  end
  if not classes then
    local values = core.is_tensor(y) and y:to(x.dtype) or core.tensor(y, { dtype = x.dtype })
    return values.ndim == 1 and values:reshape(#values, 1) or values, 0
  end
  local labels, most = core.labels(y)
  if math.type(classes) == "integer" then most = classes end
  return labels, names and #names or most, names
end

--- A dataset from tensors or Lua tables. y holds classes 1..K where it is an int64 tensor, a
--- list of strings, or class_names or classes = true (or = K) say so; else values.
--- @param o { x: any, y?: any, classes?: boolean|integer, class_names?: string[],
---   feature_names?: string[], name?: string, dtype?: string }
--- @return mlp.Dataset
--- @usage mlp.dataset { x = { { 0, 0 }, { 0, 1 }, { 1, 0 }, { 1, 1 } }, y = { 0, 1, 1, 0 } }
function M.dataset(o)
  local none = check.none
  o = check.options("dataset", o, { x = none, y = none, classes = none, class_names = none,
    feature_names = none, name = none, dtype = "float32" })
  if o.x == nil then
    check.raise("argument", "dataset: option 'x': expected a tensor or a table of rows, got none")
  end
  local x = core.is_tensor(o.x) and o.x or core.tensor(o.x, { dtype = o.dtype })
  local y, k, names = targets(o, x)
  return core.dataset(x, y, k,
    { name = o.name, class_names = names, feature_names = o.feature_names })
end

--- Classes (a tensor, a list, or a dataset) as rows of zeros with a one: (n, K) float32.
--- @param classes any
--- @param k? integer the number of classes; nil: the largest that occurs
--- @return mlp.Tensor
function M.one_hot(classes, k)
  if is_dataset(classes) then
    classes, k = classes.y, k or classes.n_classes
  end
  local labels, most = core.labels(classes)
  return labels:one_hot(k or most)
end

local Scaler = {}
Scaler.__index = Scaler

local function x_of(data)
  return is_dataset(data) and data.x or data
end

--- Learn shift and scale of each column from a dataset or a tensor of rows.
--- @return mlp.Scaler self
function Scaler:fit(data)
  self.shift, self.scale = core.scaler_fit(x_of(data), self.kind, self.low, self.high)
  return self
end

local function apply(self, who, data, inverse)
  if not self.shift then
    check.raise("state", "%s: the scaler is not fitted; call :fit(train) first", who)
  end
  local x = core.scaler_apply(x_of(data), self.shift, self.scale, inverse)
  return is_dataset(data) and data:with(x) or x
end

--- (x - shift) / scale of a dataset or tensor, as a new one.
function Scaler:transform(data) return apply(self, "transform", data, false) end

--- Back to the units of before.
function Scaler:inverse(data) return apply(self, "inverse", data, true) end

--- fit, then transform.
function Scaler:fit_transform(data) return self:fit(data):transform(data) end

--- Columns with mean 0 and standard deviation 1 (over n, as scikit-learn's); a constant column is
--- only moved to 0.
--- @return mlp.Scaler
--- @usage local scaler = mlp.data.StandardScaler():fit(train); test = scaler:transform(test)
function M.StandardScaler(o)
  check.options("StandardScaler", o, {})
  return setmetatable({ kind = "standard" }, Scaler)
end

--- Columns from 0 to 1, or over another feature_range.
--- @param o? { feature_range?: number[] }
--- @return mlp.Scaler
function M.MinMaxScaler(o)
  local range = check.options("MinMaxScaler", o, { feature_range = { 0, 1 } }).feature_range
  local low, high = range[1], range[2]
  if not (math.type(low) and math.type(high) and low < high) then
    check.raise("argument", "MinMaxScaler: option 'feature_range': expected { low, high }")
  end
  return setmetatable({ kind = "minmax", low = low, high = high }, Scaler)
end

--- One term: "x1", "x1^2", "x1*x2", "sin(x1)", "cos(x2)".
local function parse_term(text)
  local s = tostring(text):gsub("%s", "")
  local i = s:match "^x(%d+)$"
  if i then return { "copy", tonumber(i), 1 } end
  i = s:match "^x(%d+)%^2$"
  if i then return { "product", tonumber(i), tonumber(i) } end
  local a, b = s:match "^x(%d+)%*x(%d+)$"
  if a then return { "product", tonumber(a), tonumber(b) } end
  local f
  f, i = s:match "^(%l+)%(x(%d+)%)$"
  if f == "sin" or f == "cos" then return { f, tonumber(i), 1 } end
  check.raise("argument",
    "features: expected terms like x1, x1^2, x1*x2, sin(x1), cos(x1); got '%s'", tostring(text))
end

--- A dataset whose columns are terms of the old ones: the features of the Playground.
--- @param data mlp.Dataset
--- @param terms string[]
--- @return mlp.Dataset
--- @usage mlp.data.features(train, { "x1", "x2", "x1^2", "x2^2", "x1*x2", "sin(x1)", "sin(x2)" })
function M.features(data, terms)
  local parsed = {}
  for i, text in ipairs(terms) do parsed[i] = parse_term(text) end
  return core.dataset(core.feature_columns(data.x, parsed), data.y, data.n_classes,
    { name = data.name, class_names = data.class_names, feature_names = terms })
end

return M
