--- What writes C for model:to_c: numbers, arrays, loops.
local core = require "mlp.core"
local check = require "mlp.check"

local M = {}

--- A number that C reads back exactly.
function M.literal(v, real)
  if v ~= v then return "(REAL)NAN" end
  if v == math.huge then return "(REAL)INFINITY" end
  if v == -math.huge then return "(REAL)-INFINITY" end
  return ("%a"):format(v) .. (real == "float32" and "f" or "")
end

--- An option as the kernels see it: rounded to the model's type.
function M.constant(net, v)
  return M.literal(core.tensor(v, { dtype = net.dtype }):item(), net.dtype)
end

function M.add(net, fmt, ...) net.body[#net.body + 1] = fmt:format(...) end

--- A weight as a constant array; its name.
function M.array(net, t)
  local name, numbers = ("NET_w%d"):format(net.arrays), {}
  net.arrays = net.arrays + 1
  for i, v in ipairs(t:reshape(-1):totable()) do
    numbers[i] = M.literal(v, net.dtype) .. (i % 6 == 0 and ",\n  " or ", ")
  end
  net.data[#net.data + 1] = ("static const REAL %s[%d] = {\n  %s\n};"):format(name,
    math.max(#numbers, 1), table.concat(numbers))
  return name
end

--- Room for the numbers of one step; its name.
function M.buffer(net, size)
  net.buffers = (net.buffers or 0) + 1
  local name = ("NET_u%d"):format(net.buffers)
  net.data[#net.data + 1] = ("static REAL %s[%d];"):format(name, math.max(size, 1))
  return name
end

--- A layer's weight of that name, or nil.
function M.weight(layer, name)
  for _, w in ipairs(layer:weights()) do
    if w.name == name then return w.tensor end
  end
end

function M.size_of(shape)
  local n = 1
  for _, size in ipairs(shape) do n = n * size end
  return n
end

function M.refuse(layer, what)
  check.raise("argument", "to_c: layer '%s' (%s): %s", layer.name, layer.kind, what)
end

--- y[i] from x[i] by an expression in x, for all that a use gives.
function M.each(net, use, expression)
  M.add(net, "  for (i = 0; i < %d; i++) {\n    const REAL x = %s[i];\n    %s[i] = %s;\n  }",
    use.size, use.from[1].at, use.to, expression)
end

--- A use's values as they came.
function M.copy(net, use)
  M.add(net, "  memcpy(%s, %s, %d * sizeof(REAL));", use.to, use.from[1].at, use.size)
end

--- For each row of a use, in place: a call with the row's length and place in front of `more`.
function M.rows(net, use, call, more)
  local n = use.shape[#use.shape]
  M.add(net, "  for (i = 0; i < %d; i++) NET_%s(%d, %s + i * %d%s);", use.size // n, call, n,
    use.to, n, more and ", " .. more or "")
end

return M
