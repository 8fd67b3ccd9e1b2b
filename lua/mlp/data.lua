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
function M.dataset(o, more)
  local none = check.none
  if more ~= nil or core.is_tensor(o) or type(o) == "table" and o[1] ~= nil then
    check.raise("argument", "dataset: expected x and y by name, mlp.dataset { x = x, y = y }, got "
      .. "%s", more == nil and check.what(o) or check.what(o) .. " and " .. check.what(more))
  end
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

for _, part in ipairs { "scalers", "impute", "features", "encoders" } do
  for name, f in pairs((require("mlp.data." .. part))) do M[name] = f end
end

local transform = require "mlp.data.transform"
M.Pipeline, M.load = transform.Pipeline, transform.load

return M
