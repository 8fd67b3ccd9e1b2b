--- What both sides of a comparison of training runs compute for themselves: see stream.py.
local mlp = require "mlp"

local M = { steps = 50, rows = 8, features = 6 }

--- n numbers in [-1, 1) of a linear congruential generator.
local function numbers(seed, n)
  local s, list = seed, {}
  for i = 1, n do
    s = (s * 1103515245 + 12345) % 0x80000000
    list[i] = s / 2 ^ 30 - 1
  end
  return list
end
M.numbers = numbers

--- Lists of rows: x, the targets made of it, ids and weights.
local function table_of_rows()
  local u, d = numbers(42, M.steps * M.rows * M.features), { x = {}, value = {}, other = {},
    count = {}, binary = {}, classes = {}, ids = {}, weight = {} }
  for r = 1, M.steps * M.rows do
    local x = table.move(u, (r - 1) * M.features + 1, r * M.features, 1, {})
    d.x[r], d.weight[r] = x, x[3] + 1.5
    d.value[r], d.other[r] = { x[1] * x[2] + 0.5 * x[3] }, { x[4] - 0.25 * x[5] }
    d.count[r] = { math.floor((x[1] + 1) * 2) }
    d.binary[r] = { x[1] + x[2] > 0 and 1 or 0 }
    d.classes[r] = math.floor((x[6] + 1) * 1.5) + 1 -- from 1
    d.ids[r] = { math.floor((x[4] + 1) * 4) + 1, math.floor((x[5] + 1) * 4) + 1 }
  end
  return d
end

--- The same as tensors of a type.
function M.data(dtype)
  local d = table_of_rows()
  for key, rows in pairs(d) do
    local whole = key == "classes" or key == "ids"
    d[key] = mlp.tensor(rows, { dtype = whole and "int64" or dtype })
  end
  return d
end

--- First values of weight number `at` (from 1), flat: matrices as Glorot and Bengio, (in, out).
function M.first(shape, name, at)
  local n, scale = 1, 0.1
  for _, size in ipairs(shape) do n = n * size end
  local u = numbers(1000 + at, n)
  if #shape == 2 then scale = math.sqrt(6 / (shape[1] + shape[2])) end
  for i = 1, n do
    if name:find "^moving" or name:find "^renorm" then
      u[i] = name:find "mean$" and 0 or 1
    elseif name == "gamma" or name == "alpha" then
      u[i] = 1 + 0.2 * u[i]
    else
      u[i] = scale * u[i]
    end
  end
  return u
end

return M
