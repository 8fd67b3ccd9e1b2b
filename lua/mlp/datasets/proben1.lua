--- Files of PROBEN1, neural network benchmarks with their own split (Prechelt 1994).
local core = require "mlp.core"
local check = require "mlp.check"
local data = require "mlp.data"

local M = {}

local HEADER <const> = { "bool_in", "real_in", "bool_out", "real_out", "training_examples",
  "validation_examples", "test_examples" }

local function wrong(path, fmt, ...)
  check.raise("format", "proben1: '%s': %s", path, fmt:format(...))
end

--- A line of numbers.
local function numbers(path, line, at, n)
  local row = {}
  for word in line:gmatch "%S+" do
    row[#row + 1] = tonumber(word)
    if not tonumber(word) then wrong(path, "line %d: expected numbers, got '%s'", at, word) end
  end
  if #row ~= n then wrong(path, "line %d: expected %d numbers, got %d", at, n, #row) end
  return row
end

--- The header as a table, and all rows.
local function read(path)
  local file <close> = io.open(path, "rb")
  if not file then check.raise("io", "proben1: cannot open '%s'", path) end
  local header, rows, at = {}, {}, 0
  for line in file:lines() do
    at = at + 1
    local key, value = line:match "^([%w_]+)=(%d+)%s*$"
    if key then
      header[key] = math.tointeger(tonumber(value))
    elseif line:find "%S" then
      for _, name in ipairs(HEADER) do
        if not header[name] then
          wrong(path, "line %d: expected '%s=' before the rows", at, name)
        end
      end
      rows[#rows + 1] = numbers(path, line, at, header.bool_in + header.real_in + header.bool_out
        + header.real_out)
    end
  end
  local wanted = (header.training_examples or 0) + (header.validation_examples or 0)
    + (header.test_examples or 0)
  if #rows == 0 or #rows ~= wanted then
    wrong(path, "expected %d rows, as its header says, got %d", wanted, #rows)
  end
  return header, rows
end

local function greatest(row, first)
  local best = first
  for i = first + 1, #row do
    if row[i] > row[best] then best = i end
  end
  return best - first + 1
end

--- A problem of PROBEN1 with its split: training, validation, test. Yes-or-no outputs, one for each
--- class, become classes, others values.
--- Source: Prechelt 1994, PROBEN1, Technical Report 21/94, Universitaet Karlsruhe.
--- @param path string  a .dt file
--- @return mlp.Dataset training
--- @return mlp.Dataset validation
--- @return mlp.Dataset test
--- @usage local train, validation, test = mlp.datasets.proben1 "proben1/cancer1.dt"
function M.proben1(path)
  if type(path) ~= "string" then
    check.raise("argument", "proben1: expected the path of a .dt file, got %s", check.what(path))
  end
  local header, rows = read(path)
  local inputs, x, y = header.bool_in + header.real_in, {}, {}
  for i, row in ipairs(rows) do
    x[i] = table.move(row, 1, inputs, 1, {})
    y[i] = header.bool_out > 1 and greatest(row, inputs + 1)
      or table.move(row, inputs + 1, #row, 1, {})
  end
  local all = data.dataset { x = core.tensor(x), y = header.bool_out > 1 and y or core.tensor(y),
    classes = header.bool_out > 1 or nil }
  local n, v = header.training_examples, header.validation_examples
  return all:rows(1, n), all:rows(n + 1, n + v), all:rows(n + v + 1, -1)
end

return M
