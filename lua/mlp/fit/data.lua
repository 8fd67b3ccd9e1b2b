--- What a model trains and validates on: lists of tensors, one an input and one an output, and a
--- weight a row.
local core = require "mlp.core"
local check = require "mlp.check"
local dataset = require("mlp.data").dataset
local ports = require "mlp.model.ports"

local M = {}

local function is_dataset(v) return core.type(v) == "mlp.Dataset" end

local function wrong(who, data)
  check.raise("argument", "%s: expected a dataset, or a table { x = tensor, y = tensor }, got %s",
    who, check.what(data))
end

--- Keras's (x, y), a list of two tensors, as { x =, y = }; other data as it is.
local function named(data)
  local pair = type(data) == "table" and data.x == nil and core.is_tensor(data[1])
    and core.is_tensor(data[2]) and #data == 2
  return pair and { x = data[1], y = data[2] } or data
end

--- x and y of what fit was given: a dataset, a table { x =, y = }, or a list of the two.
function M.arrays(who, data)
  data = named(data)
  if is_dataset(data) then return data.x, data.y end
  if type(data) == "table" and core.is_tensor(data.x) then return data.x, data.y end
  wrong(who, data)
end

--- Data for a model.
--- @class mlp.Feed
--- @field x mlp.Tensor[]  one an input
--- @field y mlp.Tensor[]|false[]  one an output
--- @field w mlp.Tensor[]|false[]  a weight a row, one an output
--- @field rows integer
--- @field class_names string[]?

local KNOWN <const> = { x = true, y = true, sample_weight = true }

--- The type of the model's numbers, before it is built that of the data.
local function real_type(model, x)
  if model.built then return model.dtype end
  for _, t in ipairs(x) do
    if t and t.dtype:find "^float" then return t.dtype end
  end
  return "float32"
end

--- The tensors of x, which may be nested tables of numbers.
function M.inputs(who, model, x)
  if core.is_tensor(x) and #model.inputs == 1 then return { x } end -- the usual, at once
  local list = ports.tensors(who, "x", model.inputs, x, function() return real_type(model, {}) end)
  for i, t in ipairs(list) do
    if not t and next(x) ~= nil then
      check.raise("argument", "%s: option 'x': expected a tensor for each of the %d inputs, got "
        .. "none for input %d", who, #list, i)
    end
  end
  return list
end

--- Those of y: classes where the loss of the output takes them.
local function targets(who, model, y, x)
  local losses = core.model_objects(model)
  return ports.tensors(who, "y", model.outputs, y, function(i)
    local kind = losses[i] and core.type(losses[i]) == "mlp.Object" and losses[i].kind
    return kind and kind:find "^sparse" and "int64" or real_type(model, x)
  end)
end

--- @return mlp.Feed
local function feed_of(who, model, data)
  data = named(data)
  if not is_dataset(data) then
    if type(data) ~= "table" or data.x == nil then wrong(who, data) end
    for key in pairs(data) do
      if not KNOWN[key] then
        check.raise("argument", "%s: unknown field '%s' of the data; known: x, y, sample_weight",
          who, tostring(key))
      end
    end
  end
  local x = M.inputs(who, model, data.x)
  local feed = {
    x = x, y = targets(who, model, data.y, x), w = {},
    class_names = is_dataset(data) and data.class_names or nil,
  }
  feed.rows = feed.x[1] and feed.x[1].shape[1] or 0
  return feed
end

--
-- Weights
--

local function is_one_weight(v)
  return core.is_tensor(v) or type(v) == "table" and type(v[1]) == "number"
end

--- A list of numbers, or a tensor (n) or (n, 1), as a tensor (n).
local function row_weights(who, v, dtype)
  local t = core.is_tensor(v) and v or core.tensor(v, { dtype = dtype })
  if t.ndim == 2 and t.shape[2] == 1 then t = t:reshape(t.shape[1]) end
  if t.ndim ~= 1 then
    check.raise("shape", "%s: option 'sample_weight': expected a weight a row, (n), got (%s)", who,
      table.concat(t.shape, ", "))
  end
  return t:to(dtype)
end

local function sample_weights(who, model, feed, given)
  local list = ports.list(who, "sample_weight", model.outputs, given, is_one_weight, true)
  for i, v in ipairs(list) do
    feed.w[i] = v and row_weights(who, v, real_type(model, feed.x))
  end
end

--- Targets as class numbers.
local function classes_of(who, y)
  if y.dtype == "int64" then return y:reshape(y:numel()) end
  if y.ndim == 2 and y.shape[2] > 1 then return y:argmax(-1) end
  local flat = y:reshape(y:numel())
  if flat:ne(0):logical_and(flat:ne(1)):any():item() ~= 0 then
    check.raise("argument", "%s: option 'class_weight': expected targets that are classes, got "
      .. "values", who)
  end
  return (flat:to "float64" + 1):long()
end

--- The number of a class that is given by number or name.
local function class_number(who, key, names)
  if math.type(key) == "integer" and key >= 1 then return key end
  for i, name in ipairs(names or {}) do
    if name == key then return i end
  end
  check.raise("argument", "%s: option 'class_weight': expected classes from 1%s, got %s", who,
    names and " or their names" or "", tostring(key))
end

--- { [class] = rows of all / (classes x rows of that class) }, as scikit-learn's "balanced".
local function balanced(classes)
  local count, seen = {}, 0
  for _, c in ipairs(classes:totable()) do
    if not count[c] then seen = seen + 1 end
    count[c] = (count[c] or 0) + 1
  end
  for c, n in pairs(count) do count[c] = classes:numel() / (seen * n) end
  return count
end

--- The weight of each row's class; of a class that is not listed 1.
local function by_class(who, y, given, names, dtype)
  local classes = classes_of(who, y)
  if given == "balanced" then given = balanced(classes) end
  local w = core.ones({ classes:numel() }, { dtype = dtype })
  for key, v in pairs(given) do
    check.number(who, "class_weight", v, 0, math.huge)
    local number = core.full({ 1 }, v, { dtype = dtype })
    w = classes:eq(class_number(who, key, names)):where(number, w)
  end
  return w
end

local function is_one_table(v)
  if v == "balanced" then return true end
  if type(v) ~= "table" then return false end
  local _, first = next(v)
  return type(first) == "number"
end

local function class_weights(who, model, feed, given)
  local list = ports.list(who, "class_weight", model.outputs, given, is_one_table)
  for i, v in ipairs(list) do
    if v then
      if feed.w[i] then
        check.raise("argument",
          "%s: expected class_weight or sample_weight, got both; multiply them yourself", who)
      end
      if not feed.y[i] then check.raise("argument", "%s: class_weight without targets", who) end
      feed.w[i] = by_class(who, feed.y[i], v, feed.class_names, real_type(model, feed.x))
    end
  end
end

--- Data as lists of tensors.
--- @param who string
--- @param model mlp.Model
--- @param data mlp.Dataset|table
--- @param options? table  sample_weight, class_weight
--- @return mlp.Feed
function M.feed(who, model, data, options)
  local feed, o = feed_of(who, model, data), options or {}
  local own = type(data) == "table" and data.sample_weight or nil
  if own ~= nil and o.sample_weight ~= nil then
    check.raise("argument", "%s: got sample_weight twice: in the data and as an option", who)
  end
  for i = 1, #model.outputs do feed.w[i] = false end
  sample_weights(who, model, feed, own or o.sample_weight)
  if o.class_weight ~= nil then class_weights(who, model, feed, o.class_weight) end
  return feed
end

--
-- Splitting
--

local function rows_of(feed, index)
  local part = { x = {}, y = {}, w = {}, rows = index:numel(), class_names = feed.class_names }
  for _, field in ipairs { "x", "y", "w" } do
    for i, t in ipairs(feed[field]) do part[field][i] = t and t:gather_rows(index) end
  end
  return part
end

--- The rows of both parts: as a dataset of the first output is split.
local function split_rows(feed, share, how)
  local index = core.arange(1, feed.rows, 1, { dtype = "float64" }):reshape(feed.rows, 1)
  local y = feed.y[1] and feed.y[1].dtype == "int64" and feed.y[1].ndim == 1 and feed.y[1] or nil
  local first, second = dataset { x = index, y = y }:split { test = share, how = how }
  local n, m = #first, #second
  return first.x:reshape(n):long(), second.x:reshape(m):long()
end

--- Validation data: a feed, or { iterator = f } of a function (epoch, batch).
function M.validation(model, given)
  if require("mlp.fit.iterator").is(given) then return { iterator = given } end
  return M.feed("validation_data", model, given)
end

--- The data to train on, and to validate on or nil.
--- @return mlp.Feed
--- @return mlp.Feed?
function M.split(model, data, options)
  local feed = M.feed("fit", model, data, options)
  if options.validation_data ~= nil then
    return feed, M.validation(model, options.validation_data)
  end
  local share = check.number("fit", "validation_split", options.validation_split, 0, 1)
  if share == 0 then return feed, nil end
  if share == 1 then
    check.raise("argument", "fit: option 'validation_split': expected less than 1, got 1")
  end
  local train, validation = split_rows(feed, share, options.validation_how)
  if validation:numel() == 0 then
    check.raise("argument",
      "fit: validation_split = %g of %d rows is no row; give more data or a larger share",
      share, feed.rows)
  end
  return rows_of(feed, train), rows_of(feed, validation)
end

return M
