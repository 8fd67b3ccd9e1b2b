--- Claims: what a script says of its runs, measured on fixed seeds. A plain run of the script
--- measures each once, with the run's seed; `mlprun check` on all seeds that the claim names.
local check = require "mlp.check"
local core = require "mlp.core"

local M = {
  seeds = 1, -- a number: no claim is measured on more; math.huge: on as many as it asks for
  report = nil, -- function(result), called for each claim; else a line is printed
}

--- @class mlp.Claim
--- @field text string
--- @field slide string?  rows of the lecture
--- @field expected string
--- @field seeds integer  on so many it is to be measured
--- @field values any[]  one a seed
--- @field value number|boolean  their median; of booleans, whether all are true
--- @field low number?  the least
--- @field high number?  the greatest
--- @field holds boolean

-- What may be expected. -----------------------------------------------------------

local COMPARE <const> = {
  ["<="] = function(v, x) return v <= x end,
  [">="] = function(v, x) return v >= x end,
  ["<"] = function(v, x) return v < x end,
  [">"] = function(v, x) return v > x end,
  ["=="] = function(v, x) return v == x end,
}

local function no_expectation(text)
  check.raise("argument", "claim: option 'expect': expected a comparison such as '<= 0.7', "
    .. "'0.25 +- 0.01', 'in [1, 2]' or a boolean, got '%s'", tostring(text))
end

--- "1, 2" as two numbers.
local function pair(text)
  local a, b = text:match "^%s*(%S+)%s*,%s*(%S+)%s*$"
  return tonumber(a), tonumber(b)
end

--- A function that says whether a number is as expected, and the value that surely is not.
local function expectation(text)
  if type(text) == "boolean" then return function(v) return v == text end, not text end
  if math.type(text) then return function(v) return v == text end, math.huge end
  if type(text) ~= "string" then no_expectation(text) end
  local operator, number = text:match "^%s*([<>=]=?)%s*(%S+)%s*$"
  if operator == "=" then operator = "==" end
  local compare, limit = COMPARE[operator], tonumber(number)
  if compare and limit then
    local worst = operator:find ">" and -math.huge or math.huge
    return function(v) return compare(v, limit) end, worst
  end
  local middle, radius = pair((text:gsub("%+%-", ","):gsub("±", ",")))
  if middle and not text:find "," then
    return function(v) return math.abs(v - middle) <= radius end, math.huge
  end
  local low, high = pair(text:match "^%s*in%s*%[(.*)%]%s*$" or "")
  if not (low and high) then no_expectation(text) end
  return function(v) return v >= low and v <= high end, math.huge
end

-- Measuring. ------------------------------------------------------------------------

--- seeds = 11 means 0 to 10; a list means itself. No more than M.seeds of them; of those of a plain
--- run the first is the run's own.
local function seeds_of(option)
  local list = {}
  if type(option) == "table" then
    list = option
  else
    for i = 1, check.whole("claim", "seeds", option, 1) do list[i] = i - 1 end
  end
  if M.seeds == 1 then return { (core.seed()) } end
  return { table.unpack(list, 1, math.min(#list, M.seeds)) }
end

--- The values of f(seed) over the seeds; afterwards the seed is what it was.
local function measure(f, seeds)
  if type(f) ~= "function" then return { f } end
  local before, models, draws = core.seed()
  local values = {}
  for i, seed in ipairs(seeds) do
    core.seed(seed)
    values[i] = f(seed)
    if type(values[i]) ~= "boolean" and not math.type(values[i]) then
      check.raise("argument", "claim: expected measure to return a number or a boolean, got %s",
        tostring(values[i]))
    end
  end
  core.seed(before, models, draws)
  return values
end

--- Median, least and greatest; not a number counts as the worst.
local function summary(values, worst)
  local sorted, n = {}, #values
  for i, v in ipairs(values) do sorted[i] = v == v and v or worst end
  table.sort(sorted)
  return (sorted[(n + 1) // 2] + sorted[n // 2 + 1]) / 2, sorted[1], sorted[n]
end

local function all(values)
  for _, v in ipairs(values) do
    if not v then return false end
  end
  return true
end

local function number_text(v, digits)
  return math.type(v) and ("%%.%dg"):format(digits):format(v) or tostring(v)
end

--- "0.98 [0.97, 0.99]"
--- @param result mlp.Claim
function M.measured_text(result)
  if result.low == nil or result.low == result.high then return number_text(result.value, 7) end
  return ("%s [%s, %s]"):format(number_text(result.value, 4), number_text(result.low, 4),
    number_text(result.high, 4))
end

--- For a plain run. A claim of several seeds may well be false for one of them.
local function print_line(result)
  local verdict = result.holds and "holds" or result.seeds > #result.values
    and "not with seed " .. core.seed() or "FAILS"
  print(("%s: %s (%s; expected %s)"):format(verdict, result.text, M.measured_text(result),
    result.expected))
end

--- { text, measure, expect, slide =, seeds = } as text and options.
local function spread(row)
  local options = {}
  for key, v in pairs(row) do
    if key ~= 1 and key ~= 2 and key ~= 3 then options[key] = v end
  end
  if options.measure == nil then options.measure = row[2] end
  if options.expect == nil then options.expect = row[3] end
  return row[1], options
end

--- @see mlp.claim
function M.claim(text, options)
  if type(text) == "table" then text, options = spread(text) end
  local o = check.options("claim", options, {
    measure = check.none, expect = check.none, seeds = check.any(11), slide = check.none,
  })
  if type(text) ~= "string" then
    check.raise("argument", "claim: argument 1 'text': expected a sentence, got %s", tostring(text))
  end
  if o.measure == nil then
    check.raise("argument", "claim: option 'measure': expected a function of the seed, a number or "
      .. "a boolean, got none")
  end
  local as_expected, worst = expectation(o.expect)
  local result = { text = text, slide = o.slide, expected = tostring(o.expect) }
  result.seeds = type(o.measure) ~= "function" and 1 or type(o.seeds) == "table" and #o.seeds
    or o.seeds
  result.values = measure(o.measure, seeds_of(o.seeds))
  if type(result.values[1]) == "boolean" then
    result.value = all(result.values)
  else
    result.value, result.low, result.high = summary(result.values, worst)
  end
  result.holds = as_expected(result.value)
  local report = M.report or print_line
  report(result)
  return result
end

return M
