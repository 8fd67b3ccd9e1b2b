--- Methods of tensors that are a line or two of others: arithmetic, order, norms. They have the
--- names of Torch7 and PyTorch, and gradients where their parts have.
local core = require "mlp.core"
local check = require "mlp.check"
local arguments = require "mlp.tensor.arguments"

local dimension, whole = arguments.dimension, arguments.whole

local Tensor = {}

-- Arithmetic. ------------------------------------------------------------------

--- The factor of addcmul and addcdiv. Torch7 has it in front of the tensors, where a number would
--- be one of them here.
local function factor(who, a, value)
  if type(a) == "number" then
    check.raise("argument", "%s: argument 1: expected a tensor, got a number; the factor comes "
      .. "last: t:%s(a, b, value)", who, who)
  end
  if type(value) == "table" then value = check.options(who, value, { value = 1.0 }).value end
  return value or 1
end

--- t + value * a * b, elementwise.
--- @param a mlp.Tensor
--- @param b mlp.Tensor
--- @param value? number  1; or { value = 1 }, as PyTorch
--- @return mlp.Tensor
function Tensor:addcmul(a, b, value)
  local k = factor("addcmul", a, value)
  return self + a * b * k
end

--- t + value * a / b, elementwise.
--- @param a mlp.Tensor
--- @param b mlp.Tensor
--- @param value? number  1; or { value = 1 }, as PyTorch
--- @return mlp.Tensor
function Tensor:addcdiv(a, b, value)
  local k = factor("addcdiv", a, value)
  return self + a / b * k
end

local function scaled(t, product, options, who)
  local o = check.options(who, options, { beta = 1.0, alpha = 1.0 })
  if o.alpha ~= 1 then product = product * o.alpha end
  if o.beta == 0 then return product end
  return (o.beta == 1 and t or t * o.beta) + product
end

--- beta t + alpha a b, for matrices a and b.
--- @param a mlp.Tensor
--- @param b mlp.Tensor
--- @param options? table  beta 1, alpha 1
--- @return mlp.Tensor
function Tensor:addmm(a, b, options) return scaled(self, a:matmul(b), options, "addmm") end

--- beta t + alpha a b, for a matrix a and a vector b.
--- @param a mlp.Tensor
--- @param b mlp.Tensor
--- @param options? table  beta 1, alpha 1
--- @return mlp.Tensor
function Tensor:addmv(a, b, options) return scaled(self, a:matmul(b), options, "addmv") end

--- beta t + alpha a b^T, for vectors a and b.
--- @param a mlp.Tensor
--- @param b mlp.Tensor
--- @param options? table  beta 1, alpha 1
--- @return mlp.Tensor
function Tensor:addr(a, b, options) return scaled(self, a:outer(b), options, "addr") end

--- The matrix of all products of an element of this vector and one of another.
--- @param other mlp.Tensor
--- @return mlp.Tensor
function Tensor:outer(other)
  if self.ndim ~= 1 or other.ndim ~= 1 then
    check.raise("shape", "outer: expected vectors, got %d and %d dimensions", self.ndim, other.ndim)
  end
  return self:reshape(-1, 1) * other:reshape(1, -1)
end

--- The same as outer: Torch7's name.
--- @param other mlp.Tensor
--- @return mlp.Tensor
function Tensor:ger(other) return self:outer(other) end

--- t + weight (other - t).
--- @param other mlp.Tensor
--- @param weight number|mlp.Tensor
--- @return mlp.Tensor
function Tensor:lerp(other, weight) return self + (other - self) * weight end

-- Comparisons. ------------------------------------------------------------------

--- 1 where an element is NaN.
--- @return mlp.Tensor  uint8
function Tensor:isnan() return self:ne(self) end

--- 1 where an element is infinite.
--- @return mlp.Tensor  uint8
function Tensor:isinf() return self:abs():eq(math.huge) end

--- 1 where an element is neither NaN nor infinite.
--- @return mlp.Tensor  uint8
function Tensor:isfinite() return self:abs():lt(math.huge) end

--- Is every element within atol + rtol |other| of the other's? NumPy's rule.
--- @param other mlp.Tensor
--- @param options? table  rtol 1e-5, atol 1e-8, equal_nan false
--- @return boolean
function Tensor:allclose(other, options)
  local o = check.options("allclose", options, { rtol = 1e-5, atol = 1e-8, equal_nan = false })
  local near = (self - other):abs():le(other:abs() * o.rtol + o.atol)
  near = near:logical_and((other - other):eq(0)):logical_or(self:eq(other))
  if o.equal_nan then near = near:logical_or(self:isnan():logical_and(other:isnan())) end
  return near:all():item() == 1
end

-- Order and counting along a dimension. ------------------------------------------

local function picked(t, index, dim, keepdims)
  local values = t:take_along(index, dim)
  if keepdims then return values, index end
  return values:squeeze(dim), index:squeeze(dim)
end

--- The k largest elements along a dimension, largest first, and where they are.
--- @param k integer
--- @param dim? integer  the last
--- @param largest? boolean  true; false: the smallest, smallest first
--- @return mlp.Tensor values
--- @return mlp.Tensor indices  int64, from 1
function Tensor:topk(k, dim, largest)
  dim = dimension("topk", self, dim, -1)
  if whole("topk", "k", k, 1) > self.shape[dim] then
    check.raise("argument", "topk: argument 'k': expected at most %d, got %d", self.shape[dim], k)
  end
  local index = self:argsort(dim, largest ~= false):slice(1, k, dim)
  return self:take_along(index, dim), index
end

--- The k-th smallest element along a dimension, and where it is.
--- @param k integer
--- @param dim? integer  the last
--- @param keepdims? boolean
--- @return mlp.Tensor values
--- @return mlp.Tensor indices  int64, from 1
function Tensor:kthvalue(k, dim, keepdims)
  dim = dimension("kthvalue", self, dim, -1)
  if whole("kthvalue", "k", k, 1) > self.shape[dim] then
    check.raise("argument", "kthvalue: argument 'k': expected at most %d, got %d", self.shape[dim],
      k)
  end
  return picked(self, self:argsort(dim):slice(k, k, dim), dim, keepdims)
end

--- The middle element along a dimension (of an even number the lower one, as in Torch), and where
--- it is.
--- @param dim? integer  the last
--- @param keepdims? boolean
--- @return mlp.Tensor values
--- @return mlp.Tensor indices  int64, from 1
function Tensor:median(dim, keepdims)
  dim = dimension("median", self, dim, -1)
  return self:kthvalue((self.shape[dim] + 1) // 2, dim, keepdims)
end

--- The most frequent element along a dimension (of equally frequent ones the smallest), and where
--- it first is.
--- @param dim? integer  the last
--- @param keepdims? boolean
--- @return mlp.Tensor values
--- @return mlp.Tensor indices  int64, from 1
function Tensor:mode(dim, keepdims)
  dim = dimension("mode", self, dim, -1)
  return picked(self, self:argmode(dim), dim, keepdims)
end

--- The largest element along a dimension, and where it is.
--- @param dim? integer  the last
--- @param keepdims? boolean
--- @return mlp.Tensor values
--- @return mlp.Tensor indices  int64, from 1
function Tensor:max_with_indices(dim, keepdims)
  dim = dimension("max_with_indices", self, dim, -1)
  return picked(self, self:argmax(dim):unsqueeze(dim), dim, keepdims)
end

--- The smallest element along a dimension, and where it is.
--- @param dim? integer  the last
--- @param keepdims? boolean
--- @return mlp.Tensor values
--- @return mlp.Tensor indices  int64, from 1
function Tensor:min_with_indices(dim, keepdims)
  dim = dimension("min_with_indices", self, dim, -1)
  return picked(self, self:argmin(dim):unsqueeze(dim), dim, keepdims)
end

-- Norms. --------------------------------------------------------------------------

--- The p-norm over dimensions, or of all elements: p = 0 counts what is not 0, math.huge is the
--- largest size.
--- @param p? number  2
--- @param dims? integer|integer[]
--- @param keepdims? boolean
--- @return mlp.Tensor
function Tensor:pnorm(p, dims, keepdims)
  p = p or 2
  if type(p) ~= "number" or p ~= p or p < 0 then
    check.raise("argument", "pnorm: argument 'p': expected a number >= 0, got %s", tostring(p))
  end
  if p == 2 then return self:norm(dims, keepdims) end
  local size = self:abs()
  if p == math.huge then return size:max(dims, keepdims) end
  if p == 0 then return size:gt(0):to(self.dtype):sum(dims, keepdims) end
  if p == 1 then return size:sum(dims, keepdims) end
  return size:pow(p):sum(dims, keepdims):pow(1 / p)
end

--- The p-norm of the difference to another tensor.
--- @param other mlp.Tensor
--- @param p? number  2
--- @return mlp.Tensor
function Tensor:dist(other, p) return (self - other):pnorm(p) end

--- Every slice along a dimension whose p-norm is above a limit, scaled down to it.
--- @param p number
--- @param dim integer
--- @param limit number
--- @return mlp.Tensor
function Tensor:renorm(p, dim, limit)
  dim = dimension("renorm", self, dim)
  local others = {}
  for d = 1, self.ndim do
    if d ~= dim then others[#others + 1] = d end
  end
  local size = #others > 0 and self:pnorm(p, others, true) or self:abs()
  return self * size:gt(limit):where(limit / (size + 1e-7), 1)
end

core.extend("mlp.Tensor", Tensor)
