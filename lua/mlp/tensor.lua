--- What the module offers of tensors beside their methods. The methods in Lua are in tensor/.
local core = require "mlp.core"
local check = require "mlp.check"
require "mlp.tensor.maths"
require "mlp.tensor.shapes"

local M = {}

--- Zeros with the shape and type of a tensor.
--- @param t mlp.Tensor
--- @param options? table  as in mlp.tensor
--- @return mlp.Tensor
function M.zeros_like(t, options) return M.full_like(t, 0, options) end

--- Ones with the shape and type of a tensor.
--- @param t mlp.Tensor
--- @param options? table  as in mlp.tensor
--- @return mlp.Tensor
function M.ones_like(t, options) return M.full_like(t, 1, options) end

--- One number everywhere, with the shape and type of a tensor.
--- @param t mlp.Tensor
--- @param value number
--- @param options? table  as in mlp.tensor
--- @return mlp.Tensor
function M.full_like(t, value, options)
  options = options or {}
  return core.full(t.shape, value, {
    dtype = options.dtype or t.dtype, requires_grad = options.requires_grad or false,
  })
end

--- n numbers from 10^first to 10^last, at equal steps of their logarithm; both ends included.
--- @param first number
--- @param last number
--- @param n integer
--- @param options? table  base 10, and those of mlp.tensor
--- @return mlp.Tensor
function M.logspace(first, last, n, options)
  local o = options or {}
  local base = o.base or 10
  if not (type(base) == "number" and base > 0) then
    check.raise("argument", "logspace: option 'base': expected a number above 0, got %s",
      tostring(base))
  end
  local dtype = o.dtype or "float32"
  local exponents = core.linspace(first, last, n, { dtype = "float64" })
  local t = (exponents * 0 + base):pow(exponents):to(dtype)
  return o.requires_grad and t:requires_grad_() or t
end

--- Numbers at equal steps: arange, by Torch7's name.
--- @param first number
--- @param last number
--- @param step? number  1
--- @return mlp.Tensor
function M.range(first, last, step) return core.arange(first, last, step or 1) end

--- Random whole numbers from low to high, both included as in math.random; they follow from the
--- run's seed.
--- @param low integer
--- @param high integer
--- @param shape integer|integer[]
--- @param options? table  dtype "int64"
--- @return mlp.Tensor
--- @usage local dice = mlp.randint(1, 6, { 100 })
function M.randint(low, high, shape, options)
  local o = check.options("randint", options, { dtype = "int64" })
  for i, v in ipairs { low or false, high or false } do
    if math.type(v) ~= "integer" then
      check.raise("argument", "randint: argument %d '%s': expected a whole number, got %s", i,
        i == 1 and "low" or "high", check.what(v or nil))
    end
  end
  if high < low or high - low >= 2^52 then
    check.raise("argument", "randint: expected low <= high, less than 2^52 apart, got %d and %d",
      low, high)
  end
  local uniform = core.rand(type(shape) == "table" and shape or { shape }, { dtype = "float64" })
  return uniform:mul(high - low + 1):floor():add(low):to(o.dtype)
end

--- Tensors of one shape side by side along a new dimension.
--- @param tensors mlp.Tensor[]
--- @param dimension? integer  where the new one is; 1
--- @return mlp.Tensor
function M.stack(tensors, dim)
  if type(tensors) ~= "table" then
    check.raise("argument", "stack: expected a list of tensors, { a, b }, got %s",
      check.what(tensors))
  end
  local wide = {}
  for i, t in ipairs(tensors) do wide[i] = t:unsqueeze(dim or 1) end
  return core.concat(wide, dim or 1)
end

--- Tensors one after the other along a dimension: concat, by Torch's name.
--- @param tensors mlp.Tensor[]
--- @param dimension? integer  1
--- @return mlp.Tensor
function M.cat(tensors, dim) return core.concat(tensors, dim or 1) end

--- Methods that are functions of mlp, too: mlp.add(a, b, { out = r }).
M.FUNCTIONS = [[
  abs acos add addcdiv addcmul addmm addmv addr allclose asin atan cdiv ceil clamp cmul cos
  cosh cumprod cumsum diag dist div dot eq erf exp exp2 expm1 flip floor fmod frac gather ge
  ger gt histc isfinite isinf isnan kthvalue le lerp log log10 log1p log2 log_softmax
  logsumexp lt masked_select matmul max maximum mean median min minimum mm mode mul mv ne neg
  nonzero outer pow prod reciprocal relu remainder renorm roll round rsqrt sigmoid sign sin
  sinh softmax softplus sort sqrt square std sub sum tan tanh tile topk trace tril triu trunc
  unique var where]]

--- Put them all into the module.
function M.install(mlp)
  local methods = core.methods()["mlp.Tensor"]
  for name in M.FUNCTIONS:gmatch "%S+" do
    if rawget(mlp, name) == nil then mlp[name] = methods[name] end
  end
  for name in ("zeros_like ones_like full_like logspace randint range stack cat"):gmatch "%S+" do
    mlp[name] = M[name]
  end
end

return M
