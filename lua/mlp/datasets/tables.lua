--- Writing tables and arrays: mlp.datasets.save_csv, save_idx.
local core = require "mlp.core"
local check = require "mlp.check"

local M = {}

--- x as (rows, columns).
local function flat(t) return t.ndim > 2 and t:reshape(t.shape[1], -1) or t end

local function width(t) return t.ndim == 1 and 1 or t.shape[2] end

--- "x1", "x2"... for n columns; the stem alone where there is one.
local function numbered(stem, n)
  local names = {}
  for i = 1, n do names[i] = n == 1 and stem or stem .. i end
  return names
end

--- The parts of a table, the texts of each, and the names of all columns.
local function parts_of(data)
  if core.is_tensor(data) then
    local x = flat(data)
    return { x }, { false }, numbered("x", width(x))
  end
  local x, y = flat(data.x), data.y and flat(data.y)
  local names = {}
  for i, name in ipairs(data.feature_names or numbered("x", width(x))) do names[i] = name end
  if not y then return { x }, { false }, names end
  for _, name in ipairs(numbered("y", width(y))) do names[#names + 1] = name end
  return { x, y }, { false, data.class_names or false }, names
end

local function check_names(names, count)
  if type(names) ~= "table" or #names ~= count then
    check.raise("argument", "save_csv: option 'names': expected a name for each of the %d columns, "
      .. "got %s", count, type(names) == "table" and #names or check.what(names))
  end
  for i, name in ipairs(names) do
    if type(name) ~= "string" then
      check.raise("argument", "save_csv: option 'names': expected texts, got %s at %d",
        check.what(name), i)
    end
  end
end

--- Write a dataset, or a tensor of one or two dimensions, as a CSV file, whole or not at all: the
--- columns of x, then those of y, classes by their names. Numbers have as many digits as it takes
--- to read them back as they are; NaN is an empty cell, infinity is an error.
--- Format: RFC 4180, with LF at the end of a line.
--- @param path string
--- @param data mlp.Dataset|mlp.Tensor
--- @param options? table  header true (a line of names), names (feature_names, else x1, x2...; y),
---   separator ","
--- @usage mlp.datasets.save_csv("moons.csv", mlp.datasets.moons { n = 200 })
function M.save_csv(path, data, options)
  check.path("save_csv", path)
  local o = check.options("save_csv", options, { header = true, names = check.none,
    separator = "," })
  if not core.is_tensor(data) and core.type(data) ~= "mlp.Dataset" then
    check.raise("argument", "save_csv: argument 2: expected a dataset or a tensor, got %s",
      check.what(data))
  end
  if core.is_tensor(data) and data.ndim == 0 then
    check.raise("shape", "save_csv: argument 2: expected rows, got a tensor ()")
  end
  if type(o.separator) ~= "string" or not o.separator:find "^[,;\t|]$" then
    check.raise("argument", "save_csv: option 'separator': expected one of , ; tab |, got %s",
      check.what(o.separator))
  end
  local parts, texts, names = parts_of(data)
  if o.names ~= nil then
    check_names(o.names, #names)
    names = o.names
  end
  core.save_csv(path, o.separator, o.header and names or nil, parts, texts)
end

--- Write a tensor as an IDX file, the form of MNIST's, whole or not at all: uint8, float32 and
--- float64 as they are, int64 at 32 bits.
--- Source: LeCun, Cortes & Burges, "The MNIST database", file formats.
--- @param path string
--- @param tensor mlp.Tensor
--- @usage mlp.datasets.save_idx("labels-idx1-ubyte", (data.y - 1):byte())
function M.save_idx(path, tensor)
  check.path("save_idx", path)
  if not core.is_tensor(tensor) then
    check.raise("argument", "save_idx: argument 2: expected a tensor, got %s", check.what(tensor))
  end
  core.save_idx(path, tensor:contiguous())
end

return M
