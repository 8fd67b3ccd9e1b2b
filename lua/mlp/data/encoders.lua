--- Categories as numbers. x is a dataset or tensor of numbers, or a table of rows that may hold
--- texts: { { "red", 3 }, { "blue", 1 } }.
local core = require "mlp.core"
local check = require "mlp.check"
local transform = require "mlp.data.transform"

local M = {}

--- Column c as a list.
local function column(x, c)
  if core.is_tensor(x) then return x:select(2, c):totable() end
  local list = {}
  for i, row in ipairs(x) do list[i] = type(row) == "table" and row[c] or row end
  return list
end

local function width(x)
  if core.is_tensor(x) then return x.shape[2] end
  return type(x[1]) == "table" and #x[1] or 1
end

--- The different values in order: numbers before texts.
local function categories_of(list)
  local seen, values = {}, {}
  for _, v in ipairs(list) do
    if v ~= v then
      check.raise("argument", "encoder: a value is NaN; fill it first (mlp.data.SimpleImputer)")
    end
    if math.type(v) == "float" and math.tointeger(v) then v = math.tointeger(v) end
    if not seen[v] then values[#values + 1] = v end
    seen[v] = true
  end
  table.sort(values, function(a, b)
    if type(a) ~= type(b) then return type(a) == "number" end
    return a < b
  end)
  return values
end

local function fit(self, x)
  local n = width(x)
  local chosen = transform.chosen(self, n)
  local state = { categories = {}, encoded = {} }
  for c = 1, n do
    state.encoded[c] = chosen == nil or chosen[c] == true
    state.categories[c] = state.encoded[c] and categories_of(column(x, c)) or {}
  end
  return state
end

--- The place of each category, from 1.
local function places(self, c)
  self.places = self.places or {}
  if not self.places[c] then
    local place = {}
    for i, v in ipairs(self.state.categories[c]) do place[v] = i end
    self.places[c] = place
  end
  return self.places[c]
end

local function unknown(self, c, row, v)
  local known = {}
  for i, name in ipairs(self.state.categories[c]) do known[i] = tostring(name) end
  check.raise("argument", "%s.transform: row %d, column %d: %s was not among the categories "
    .. "of fit: %s",
    self.kind, row, c, check.what(v), table.concat(known, ", ", 1, math.min(#known, 10)))
end

--- The place of each value of column c; false where it is unknown and may be.
local function codes(self, x, c, may_be_unknown)
  local place, list = places(self, c), {}
  for i, v in ipairs(column(x, c)) do
    list[i] = place[v] or false
    if not list[i] and not may_be_unknown then unknown(self, c, i, v) end
  end
  return list
end

--- A column of numbers as a tensor (n, 1).
local function plain_column(self, x, c)
  local list = column(x, c)
  for i, v in ipairs(list) do
    if type(v) ~= "number" then
      check.raise("argument", "%s.transform: row %d, column %d: expected a number in a column that "
        .. "is not encoded, got %s", self.kind, i, c, check.what(v))
    end
  end
  return core.tensor(list, { dtype = self.options.dtype }):reshape(#list, 1)
end

--- How many of the first categories have no column of their own.
local function dropped(self, c)
  local n = #self.state.categories[c]
  local drop = self.options.drop
  return (drop == "first" or drop == "if_binary" and n == 2) and 1 or 0
end

--- Zeros with a one at the category: (n, K), less the dropped.
local function one_hot_column(self, x, c)
  local n, first = #self.state.categories[c], dropped(self, c)
  local list = codes(self, x, c, self.options.handle_unknown == "ignore")
  for i, code in ipairs(list) do list[i] = (code or n + 1) end
  local ones = core.tensor(list, { dtype = "int64" }):one_hot(n + 1)
  return ones:slice(first + 1, n, 2):to(self.options.dtype)
end

local function joined(self, x, encode)
  local parts = {}
  for c = 1, self.width do
    local part = (self.state.encoded[c] and encode or plain_column)(self, x, c)
    if part.shape[2] > 0 then parts[#parts + 1] = part end
  end
  return core.concat(parts, 2):contiguous()
end

local OneHot = transform.define("OneHotEncoder", {
  texts = true,
  presets = { columns = check.none, handle_unknown = "error", drop = check.none,
    dtype = "float32" },
  init = function(self)
    transform.one_of(self, "handle_unknown", "error ignore")
    if self.options.drop ~= nil then transform.one_of(self, "drop", "first if_binary") end
  end,
  fit = function(self, x)
    self.places = nil
    return fit(self, x)
  end,
  apply = function(self, x) return joined(self, x, one_hot_column) end,
  names = function(self, names)
    local list = {}
    for c, name in ipairs(names) do
      if not self.state.encoded[c] then list[#list + 1] = name end
      for i = dropped(self, c) + 1, #self.state.categories[c] do
        list[#list + 1] = ("%s_%s"):format(name, self.state.categories[c][i])
      end
    end
    return list
  end,
})

--- A column of zeros and ones for each category of each column, in the order of the categories
--- (numbers by value, texts by their bytes).
--- Source: scikit-learn, OneHotEncoder.
--- @param options? table  columns (numbers; preset all; others pass as they are), handle_unknown
---   "error" | "ignore" (all zeros), drop (none) | "first" | "if_binary" (the first category of
---   each column, or of two, has no column), dtype "float32"
--- @return mlp.Transform
--- @usage local x = mlp.data.OneHotEncoder():fit_transform { { "red" }, { "blue" }, { "red" } }
function M.OneHotEncoder(options) return OneHot(options) end

--- Places from 0, as scikit-learn's: they are values, not classes.
local function ordinal_column(self, x, c)
  local o = self.options
  local list = codes(self, x, c, o.handle_unknown == "use_encoded_value")
  for i, code in ipairs(list) do list[i] = code and code - 1 or o.unknown_value end
  return core.tensor(list, { dtype = o.dtype }):reshape(#list, 1)
end

local Ordinal = transform.define("OrdinalEncoder", {
  texts = true,
  presets = { columns = check.none, handle_unknown = "error", unknown_value = check.none,
    dtype = "float64" },
  init = function(self)
    transform.one_of(self, "handle_unknown", "error use_encoded_value")
    if self.options.handle_unknown ~= "error" and type(self.options.unknown_value) ~= "number" then
      check.raise("argument", "OrdinalEncoder: option 'unknown_value': expected a number, got %s",
        check.what(self.options.unknown_value))
    end
  end,
  fit = function(self, x)
    self.places = nil
    return fit(self, x)
  end,
  apply = function(self, x) return joined(self, x, ordinal_column) end,
  inverse = function(self, x)
    local rows = x:totable()
    for i, row in ipairs(rows) do
      for c, v in ipairs(row) do
        if self.state.encoded[c] then
          row[c] = self.state.categories[c][math.tointeger(v) and math.tointeger(v) + 1]
            or check.raise("argument", "OrdinalEncoder.inverse: row %d, column %d: there is no "
              .. "category %s", i, c, v)
        end
      end
    end
    return rows
  end,
})

--- The place of each category among those of its column, from 0. `inverse` gives a table of rows.
--- Source: scikit-learn, OrdinalEncoder.
--- @param options? table  columns (numbers; preset all; others pass as they are), handle_unknown
---   "error" | "use_encoded_value" with unknown_value, dtype "float64"
--- @return mlp.Transform
function M.OrdinalEncoder(options) return Ordinal(options) end

local Label = transform.define("LabelEncoder", {
  texts = true,
  presets = {},
  fit = function(self, x)
    if core.is_tensor(x) then x = x:totable() end
    self.places = nil
    return { categories = { categories_of(x) }, encoded = { true } }
  end,
  any_width = true,
  apply = function(self, x)
    if core.is_tensor(x) then x = x:totable() end
    return core.tensor(codes(self, x, 1, false), { dtype = "int64" })
  end,
  inverse = function(self, classes)
    local list = core.is_tensor(classes) and classes:totable() or classes
    for i, c in ipairs(list) do
      list[i] = self.state.categories[1][c] or check.raise("argument",
        "LabelEncoder.inverse: row %d: there is no class %s", i, tostring(c))
    end
    return list
  end,
})

--- Labels of any kind (a list of numbers or texts) as classes 1..K, in order (scikit-learn counts
--- from 0). `inverse` gives the list of labels.
--- Source: scikit-learn, LabelEncoder.
--- @return mlp.Transform
--- @usage local y = mlp.data.LabelEncoder():fit_transform { "no", "yes", "no" } --> 1 2 1
function M.LabelEncoder(options) return Label(options) end

return M
