--- What a hyper-parameter may be: a range of floats or integers, or a list of choices.
---
---   d.kind           "float", "int", "categorical"
---   d.low, d.high    both included; d.step, d.log, d.reverse_log
---   d.choices        of a categorical; d.ordered: near each other in the list is near
---   d.n              how many values there are; nil where that is not finite
---
--- Three scales: the value that a script sees; the number in the file, as Optuna's (a choice by its
--- index from 0); and u in [0, 1), uniform under the prior, where samplers work.
local core = require "mlp.core"
local check = require "mlp.check"

local M = {}

local exp, ln = core.exp, core.ln

local Distribution = { __name = "mlp.Distribution" }
Distribution.__index = Distribution

local function fail(name, fmt, ...)
  check.raise("argument", "hyper-parameter '%s': " .. fmt, name, ...)
end

local function number(name, what, v)
  if type(v) ~= "number" or v ~= v or math.abs(v) == math.huge then
    fail(name, "expected a number as its %s, got %s", what, tostring(v))
  end
  return v
end

--- Low, high and step that fit each other.
local function check_range(name, low, high, step, is_log)
  number(name, "least value", low)
  number(name, "greatest value", high)
  if low > high then
    fail(name, "expected the least value first, got %s and %s", tostring(low), tostring(high))
  end
  if is_log and low <= 0 then
    fail(name, "expected a least value above 0 for a logarithmic scale, got %s", tostring(low))
  end
  if step ~= nil and number(name, "step", step) <= 0 then
    fail(name, "expected a step above 0, got %s", tostring(step))
  end
end

--- low + i steps with as many decimals as were typed: 0.2 + 3 * 0.1 is 0.5, -0.3 + 3 * 0.1 is 0.
local function tidy(x, step)
  if math.abs(x) < step * 1e-9 then return 0.0 end
  return tonumber(("%.14g"):format(x)) + 0.0
end

--- How many steps lie in a range, its end included.
local function count(low, high, step) return math.floor((high - low) / step + 1e-9) + 1 end

--- A range of floats.
--- @param o? { step?: number, log?: boolean, reverse_log?: boolean }
function M.float(name, low, high, o)
  o = o or {}
  check_range(name, low, high, o.step, o.log or o.reverse_log)
  if o.step and (o.log or o.reverse_log) then
    fail(name, "expected a step or a logarithmic scale, got both; list the values instead")
  end
  local n = low == high and 1 or nil
  if o.step then
    n = count(low, high, o.step)
    high = tidy(low + (n - 1) * o.step, o.step)
  end
  return setmetatable({ kind = "float", low = low + 0.0, high = high + 0.0, step = o.step,
    log = o.log or false, reverse_log = o.reverse_log or nil, n = n }, Distribution)
end

local function whole(name, what, v)
  local i = math.tointeger(number(name, what, v))
  if not i then fail(name, "expected a whole number as its %s, got %s", what, tostring(v)) end
  return i
end

--- A range of integers.
--- @param o? { step?: integer, log?: boolean, reverse_log?: boolean }
function M.int(name, low, high, o)
  o = o or {}
  local step = o.step or 1
  check_range(name, low, high, step, o.log or o.reverse_log)
  low, high, step = whole(name, "least value", low), whole(name, "greatest value", high),
    whole(name, "step", step)
  if step > 1 and (o.log or o.reverse_log) then
    fail(name, "expected a step or a logarithmic scale, got both; list the values instead")
  end
  local n = (high - low) // step + 1
  return setmetatable({ kind = "int", low = low, high = low + (n - 1) * step, step = step, n = n,
    log = o.log or false, reverse_log = o.reverse_log or nil }, Distribution)
end

local SCALAR <const> = { number = true, string = true, boolean = true }

--- One of a list of numbers, strings or booleans.
function M.categorical(name, choices, ordered)
  if type(choices) ~= "table" or #choices == 0 then
    fail(name, "expected a list of choices, got %s",
      type(choices) == "table" and "none" or tostring(choices))
  end
  local seen, numeric = {}, true
  for i, choice in ipairs(choices) do
    if not SCALAR[type(choice)] or choice ~= choice then
      fail(name, "choice %d: expected a number, string or boolean, got %s", i, tostring(choice))
    end
    if seen[choice] then fail(name, "choice %d: %s is there twice", i, tostring(choice)) end
    seen[choice] = i
    numeric = numeric and type(choice) == "number"
  end
  if ordered == nil then ordered = false end
  return setmetatable({ kind = "categorical", choices = choices, index = seen, n = #choices,
    ordered = ordered and numeric }, Distribution)
end

--- Values from low in factors of step, as Keras Tuner's logarithmic scale with a step: a list.
function M.geometric(name, low, high, step, is_int)
  check_range(name, low, high, step, true)
  if step <= 1 then fail(name, "expected a step above 1 on a logarithmic scale, got %g", step) end
  local values, v = {}, low
  while v <= high * (1 + 1e-9) do
    values[#values + 1] = is_int and math.floor(v + 0.5) or tidy(v, 1e-300)
    v = v * step
  end
  return M.categorical(name, values, true)
end

--
-- Scales
--

--- The value that a script sees, of the number in the file.
function Distribution:external(x)
  if self.kind == "categorical" then return self.choices[math.tointeger(x) + 1] end
  if self.kind == "int" then return math.tointeger(x) or math.floor(x) end
  return x + 0.0
end

--- The number in the file, of a value; nil where it is not one of the distribution's.
function Distribution:internal(value)
  if self.kind == "categorical" then
    local i = self.index[value]
    return i and i - 1.0
  end
  if type(value) ~= "number" or not (value >= self.low and value <= self.high) then return nil end
  if self.kind == "int" and not math.tointeger(value) then return nil end
  return value + 0.0
end

--- The i-th value, from 0, of a finite distribution, as the number in the file.
function Distribution:nth(i)
  if self.kind == "categorical" then return i + 0.0 end
  if i == 0 then return self.low + 0.0 end
  if i == self.n - 1 then return self.high + 0.0 end
  local x = self.low + i * self.step
  return self.kind == "int" and x + 0.0 or tidy(x, self.step)
end

--- Which value it is, from 0.
function Distribution:position(x)
  if self.kind == "categorical" then return math.tointeger(x) end
  return math.floor((x - self.low) / (self.step or 1) + 0.5)
end

local function within(x, low, high) return math.max(low, math.min(high, x)) end

local function from_log(low, high, u) return low * exp(u * ln(high / low)) end
local function to_log(low, high, x) return ln(x / low) / ln(high / low) end

--- The number in the file for u in [0, 1).
function Distribution:from_unit(u)
  local low, high = self.low, self.high
  if self.n == 1 then return self:nth(0) end
  if self.log and self.kind == "int" then
    return within(math.floor(from_log(low, high + 1, u)), low, high) + 0.0
  elseif self.log then
    return within(from_log(low, high, u), low, high)
  elseif self.reverse_log then
    local x = high + low - from_log(low, high, 1 - u)
    return within(self.kind == "int" and math.floor(x + 0.5) or x, low, high) + 0.0
  elseif self.n then
    return self:nth(math.min(self.n - 1, math.floor(u * self.n)))
  end
  return within(low + u * (high - low), low, high)
end

--- u in [0, 1] of the number in the file; the middle of its share where there are finitely many.
function Distribution:to_unit(x)
  local low, high = self.low, self.high
  if self.n == 1 then return 0.5 end
  if self.log and self.kind == "int" then
    return within(to_log(low, high + 1, x + 0.5), 0, 1)
  elseif self.log then
    return within(to_log(low, high, x), 0, 1)
  elseif self.reverse_log then
    return within(1 - to_log(low, high, high + low - x), 0, 1)
  elseif self.n then
    return (self:position(x) + 0.5) / self.n
  end
  return (x - low) / (high - low)
end

--- The values of a grid, as numbers in the file: all where they are few or stepped, else `points`
--- at equal distances in u, as Keras Tuner's GridSearch (10).
function Distribution:grid(points)
  local list = {}
  local stepless = self.kind == "int" and self.step == 1 and self.n > (points or 10)
    and self.unstepped
  if self.n and not stepless then
    for i = 0, self.n - 1 do list[i + 1] = self:nth(i) end
    return list
  end
  points = points or 10
  local seen = {}
  for i = 0, points - 1 do
    local x = i == points - 1 and self.high + 0.0 or self:from_unit(i / (points - 1))
    if not seen[x] then list[#list + 1] = x end
    seen[x] = true
  end
  return list
end

--
-- Optuna's text
--

local NAMES <const> = { float = "FloatDistribution", int = "IntDistribution",
  categorical = "CategoricalDistribution" }

local function json_number(x)
  if math.type(x) == "integer" then return ("%d"):format(x) end
  return core.json_encode(x)
end

--- As Optuna's distribution_to_json writes it. Equal distributions have equal texts.
function Distribution:json()
  if self.text then return self.text end
  local attributes
  if self.kind == "categorical" then
    attributes = ('{"choices": %s}'):format(core.json_encode(self.choices))
  elseif self.kind == "int" then
    attributes = ('{"log": %s, "step": %d, "low": %d, "high": %d}'):format(
      self.log, self.step, self.low, self.high)
  else
    attributes = ('{"step": %s, "low": %s, "high": %s, "log": %s}'):format(
      self.step and json_number(self.step + 0.0) or "null", json_number(self.low),
      json_number(self.high), self.log)
  end
  self.text = ('{"name": "%s", "attributes": %s}'):format(NAMES[self.kind], attributes)
  return self.text
end

--- The distribution that such a text describes; nil where it is none that we know.
function M.parse(name, text)
  local ok, d = pcall(core.json_decode, (text:gsub('"step": ?null', '"step": false')))
  if not ok or type(d) ~= "table" or type(d.attributes) ~= "table" then return nil end
  local a = d.attributes
  local made
  if d.name == NAMES.categorical then
    ok, made = pcall(M.categorical, name, a.choices)
  elseif d.name == NAMES.int then
    ok, made = pcall(M.int, name, a.low, a.high, { step = a.step, log = a.log })
  elseif d.name == NAMES.float then
    ok, made = pcall(M.float, name, a.low, a.high, { step = a.step or nil, log = a.log })
  end
  return ok and made or nil
end

local function same_choices(a, b)
  for i, v in ipairs(a) do
    if v ~= b[i] or math.type(v) ~= math.type(b[i]) then return false end
  end
  return #a == #b
end

local FIELDS <const> = { "kind", "low", "high", "step", "log", "reverse_log", "ordered",
  "unstepped" }

--- Are both the same in all that a script said?
function M.same(a, b)
  for _, name in ipairs(FIELDS) do
    if a[name] ~= b[name] then return false end
  end
  return a.kind ~= "categorical" or same_choices(a.choices, b.choices)
end

--- May a trial with `b` join a study that has `a` under that name? As Optuna: the same class, and
--- the same choices.
function M.compatible(a, b)
  if a.kind ~= b.kind then return false end
  return a.kind ~= "categorical" or a:json() == b:json()
end

local RANGE <const> = { int = "whole numbers", float = "numbers" }

function Distribution:__tostring()
  if self.kind == "categorical" then
    local words = {}
    for i, choice in ipairs(self.choices) do words[i] = tostring(choice) end
    return "one of " .. table.concat(words, ", ")
  end
  local scale = self.log and ", log" or self.reverse_log and ", reverse log" or ""
  local step = self.step and self.step ~= 1 and (", step %g"):format(self.step) or ""
  return ("%s from %g to %g%s%s"):format(RANGE[self.kind], self.low, self.high, step, scale)
end

return M
