--- What is done to the columns of x, learnt from the training rows and applied to all: the base of
--- the scalers, encoders, imputers and features of mlp.data, and pipelines of them.
local core = require "mlp.core"
local check = require "mlp.check"

local M = {}

-- kinds[name] = {
--   presets                options of the constructor
--   first                  the option that may be given alone (nil: none)
--   init(self)             checks them (or nil)
--   fit(self, x)           fills self.state, a table of lists, numbers and texts (it goes to JSON)
--   apply(self, x)         the new columns
--   inverse(self, x)       the old ones (nil: there is no way back)
--   names(self, names)     of the new columns (nil: the same)
--   texts = true           x may be a table of rows with texts in it
--   restore(self)          fields that follow from the state (nil: none)
-- }
local kinds = {}

--- @class mlp.Transform
--- @field kind string
--- @field options table
--- @field state table?  what fit learnt
local Transform = { __name = "mlp.Transform" }
Transform.__index = Transform
M.Transform = Transform

local function is_dataset(v) return getmetatable(v) == "mlp.Dataset" end

--- The rows of a dataset, a tensor, or a table of rows.
local function rows_of(self, who, data)
  local x = is_dataset(data) and data.x or data
  if core.is_tensor(x) then
    if x.ndim > 0 then return x end
  elseif type(x) == "table" then
    return kinds[self.kind].texts and x or core.tensor(x)
  end
  check.raise("argument", "%s.%s: expected a dataset, a tensor of rows or a table of rows, got %s",
    self.kind, who, check.what(data))
end

--- x1, x2... where the columns have no names.
local function names_of(data, n)
  local names = is_dataset(data) and data.feature_names
  if names then return names end
  names = {}
  for i = 1, n do names[i] = "x" .. i end
  return names
end

local function width(x)
  if core.is_tensor(x) then return x.shape[1] > 0 and x:numel() // x.shape[1] or 0 end
  return type(x[1]) == "table" and #x[1] or 1
end

--- Set what fit learnt, and what follows from it.
local function learnt(self, state)
  self.state = state
  if state and kinds[self.kind].restore then kinds[self.kind].restore(self) end
  return self
end

--- Learn from these rows.
--- @param data mlp.Dataset|mlp.Tensor|table
--- @return mlp.Transform self
function Transform:fit(data)
  local x = rows_of(self, "fit", data)
  if #x == 0 then check.raise("argument", "%s.fit: expected rows, got none", self.kind) end
  self.state, self.tensors, self.width = nil, {}, width(x)
  return learnt(self, kinds[self.kind].fit(self, x, data))
end

local function require_fit(self, who)
  if not self.state then
    check.raise("state", "%s.%s: it is not fitted; call :fit(train) first", self.kind, who)
  end
end

local function check_width(self, who, x, n)
  if width(x) ~= n then
    check.raise("shape", "%s.%s: expected the %d columns that it was fitted to, got %d", self.kind,
      who, n, width(x))
  end
end

--- The same rows with other columns.
local function with_columns(data, x, names)
  if not is_dataset(data) then return x end
  return core.dataset(x, data.y, data.n_classes,
    { name = data.name, class_names = data.class_names, feature_names = names })
end

--- The rows with their new columns: a dataset of a dataset, else a tensor.
--- @param data mlp.Dataset|mlp.Tensor|table
--- @return mlp.Dataset|mlp.Tensor
function Transform:transform(data)
  require_fit(self, "transform")
  local kind, x = kinds[self.kind], rows_of(self, "transform", data)
  if not kind.any_width then check_width(self, "transform", x, self.width) end
  local out = kind.apply(self, x, data)
  if not kind.names then return is_dataset(data) and data:with(out) or out end
  return with_columns(data, out, kind.names(self, names_of(data, self.width)))
end

--- fit, then transform.
--- @param data mlp.Dataset|mlp.Tensor|table
--- @return mlp.Dataset|mlp.Tensor
function Transform:fit_transform(data) return self:fit(data):transform(data) end

--- Back to the columns of before.
--- @param data mlp.Dataset|mlp.Tensor
--- @return mlp.Dataset|mlp.Tensor
function Transform:inverse(data)
  require_fit(self, "inverse")
  local kind = kinds[self.kind]
  if not kind.inverse then
    check.raise("argument", "%s.inverse: there is no way back from it", self.kind)
  end
  local out = kind.inverse(self, rows_of(self, "inverse", data), data)
  if not core.is_tensor(out) then return out end
  return is_dataset(data) and data:with(out) or out
end

--- The same as inverse, under scikit-learn's name.
--- @param data mlp.Dataset|mlp.Tensor
--- @return mlp.Dataset|mlp.Tensor
function Transform:inverse_transform(data) return self:inverse(data) end

--- The names of the new columns.
--- @param names? string[]  of the old ones; preset x1, x2...
--- @return string[]
function Transform:get_feature_names_out(names)
  require_fit(self, "get_feature_names_out")
  local kind = kinds[self.kind]
  names = names or names_of(nil, self.width)
  return kind.names and kind.names(self, names) or names
end

--- A list of the state as a tensor, made once.
function M.tensor_of(self, name, dtype)
  local key = name .. ":" .. dtype
  local t = self.tensors[key]
  if not t then
    t = core.tensor(self.state[name], { dtype = dtype })
    self.tensors[key] = t
  end
  return t
end

--- The columns that the option `columns` means, as a set; nil: all.
function M.chosen(self, n)
  if self.options.columns == nil then return nil end
  local set = {}
  for _, c in ipairs(self.options.columns) do
    if math.type(c) ~= "integer" or c < 1 or c > n then
      check.raise("argument", "%s: option 'columns': expected numbers from 1 to %d, got %s",
        self.kind, n, check.what(c))
    end
    set[c] = true
  end
  return set
end

--- Make the constructor of a kind.
function M.define(name, kind)
  kinds[name] = kind
  return function(options)
    local self = setmetatable({ kind = name, tensors = {} }, Transform)
    if kind.first then options = check.first(options, kind.first) end
    self.options = check.options(name, options, kind.presets)
    if kind.init then kind.init(self) end
    return self
  end
end

--- A one of the texts that an option may be.
function M.one_of(self, option, words)
  for word in words:gmatch "%S+" do
    if self.options[option] == word then return end
  end
  check.raise("argument", "%s: option '%s': expected one of %s, got %s", self.kind, option,
    words:gsub(" ", ", "), check.what(self.options[option]))
end

--
-- Copies and files
--

--- Itself as plain data.
local function describe(self)
  local d = { kind = self.kind, options = {}, width = self.width, state = self.state }
  for name, value in pairs(self.options) do d.options[name] = value end
  if self.steps then
    d.options, d.steps = {}, {}
    for i, step in ipairs(self.steps) do d.steps[i] = describe(step) end
  end
  return d
end
M.describe = describe

local function refuse(who, fmt, ...) check.raise("format", who .. ": " .. fmt, ...) end

--- A transform from plain data.
function M.make(who, d)
  if type(d) ~= "table" or type(d.kind) ~= "string" or type(d.options) ~= "table" then
    refuse(who, "expected the description of a transform, got %s", check.what(d))
  end
  if not kinds[d.kind] then refuse(who, "there is no transform '%s' here", d.kind) end
  local self
  if d.kind == "Pipeline" then
    local steps = {}
    for i, step in ipairs(type(d.steps) == "table" and d.steps or {}) do
      steps[i] = M.make(who, step)
    end
    self = M.Pipeline(steps)
  else
    local options = {}
    for name, value in pairs(d.options) do options[name] = value end
    self = require("mlp.data")[d.kind](options)
  end
  if d.state ~= nil and (type(d.state) ~= "table" or math.type(d.width) ~= "integer") then
    refuse(who, "%s: expected a state and a width, got %s and %s", d.kind, check.what(d.state),
      check.what(d.width))
  end
  self.width = d.width
  return learnt(self, d.state)
end

--- A new one with the same options, not fitted.
--- @return mlp.Transform
function Transform:clone()
  local d = describe(self)
  local function forget(part)
    part.state, part.width = nil, nil
    for _, step in ipairs(part.steps or {}) do forget(step) end
  end
  forget(d)
  return M.make("clone", d)
end

--- Write it to a file, as JSON. mlp.data.load reads it; model:save(path, { transform = t }) keeps
--- it with a model instead.
--- @param path string
--- @return mlp.Transform self
function Transform:save(path)
  require_fit(self, "save")
  if type(path) ~= "string" then
    check.raise("argument", "%s.save: argument 1 'path': expected a file name, got %s", self.kind,
      check.what(path))
  end
  core.write_file(path, core.json_encode { mlprun_transform = 1, transform = describe(self) })
  return self
end

--- The transform that :save wrote.
--- @param path string
--- @return mlp.Transform
--- @usage local scaler = mlp.data.load "scaler.json"
function M.load(path)
  if type(path) ~= "string" then
    check.raise("argument", "load: argument 1 'path': expected a file name, got %s",
      check.what(path))
  end
  local file, reason = io.open(path, "rb")
  if not file then check.raise("io", "load: cannot read '%s': %s", path, reason) end
  local text = file:read "a"
  file:close()
  local ok, d = pcall(core.json_decode, text)
  if not ok or type(d) ~= "table" or d.mlprun_transform ~= 1 then
    refuse("load", "cannot read '%s': expected a transform that mlprun saved", path)
  end
  return M.make(("load: cannot read '%s'"):format(path), d.transform)
end

function Transform:__tostring()
  if self.steps then
    local parts = {}
    for i, step in ipairs(self.steps) do parts[i] = tostring(step) end
    return "Pipeline { " .. table.concat(parts, ", ") .. " }"
  end
  return self.kind .. (self.state and " (fitted)" or "")
end

--
-- Pipelines
--

kinds.Pipeline = {
  texts = true,
  any_width = true,
  fit = function(self, x, data)
    local current = is_dataset(data) and data or x
    for i, step in ipairs(self.steps) do
      step:fit(current)
      if i < #self.steps then current = step:transform(current) end
    end
    return { fitted = true }
  end,
  apply = function(self, x, data)
    local current = is_dataset(data) and data or x
    for _, step in ipairs(self.steps) do current = step:transform(current) end
    return is_dataset(current) and current.x or current
  end,
  inverse = function(self, x)
    for i = #self.steps, 1, -1 do x = self.steps[i]:inverse(x) end
    return x
  end,
  names = function(self, names)
    for _, step in ipairs(self.steps) do names = step:get_feature_names_out(names) end
    return names
  end,
}

--- Transforms one after the other, as one: each is fitted on what those before make of the training
--- rows.
--- Source: scikit-learn, Pipeline.
--- @param steps mlp.Transform[]
--- @return mlp.Transform  with `steps`
--- @usage local prepare = mlp.data.Pipeline { mlp.data.SimpleImputer(), mlp.data.StandardScaler() }
function M.Pipeline(steps)
  if type(steps) ~= "table" or #steps == 0 then
    check.raise("argument", "Pipeline: expected a list of transforms, got %s", check.what(steps))
  end
  for i, step in ipairs(steps) do
    if getmetatable(step) ~= Transform then
      check.raise("argument", "Pipeline: step %d: expected a transform of mlp.data, got %s", i,
        check.what(step))
    end
  end
  return setmetatable({ kind = "Pipeline", options = {}, steps = table.move(steps, 1, #steps, 1,
    {}), tensors = {} }, Transform)
end

--- Is it a transform?
function M.is_transform(v) return getmetatable(v) == Transform end

return M
