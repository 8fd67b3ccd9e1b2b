--- Methods of tensors that are a line or two of others: masks, indices, matrices, shapes. They have
--- the names of Torch7 and PyTorch, and gradients where their parts have.
local core = require "mlp.core"
local check = require "mlp.check"
local arguments = require "mlp.tensor.arguments"

local dimension, whole, range = arguments.dimension, arguments.whole, arguments.range

local Tensor = {}

-- Masks and indices. ----------------------------------------------------------------

--- The value where a mask is not 0.
--- @param mask mlp.Tensor  uint8; broadcast
--- @param value number|mlp.Tensor
--- @return mlp.Tensor
function Tensor:masked_fill(mask, value)
  return mask:where(value, self)
end

--- The elements of a source, in order, where a mask is not 0.
--- @param mask mlp.Tensor  uint8, of this shape
--- @param source mlp.Tensor  with at least as many elements as the mask has
--- @return mlp.Tensor
function Tensor:masked_scatter(mask, source)
  local flat = mask:reshape(-1)
  local wanted = flat:numel() > 0 and flat:to("float64"):sum():item() or 0
  if wanted > source:numel() then
    check.raise("shape", "masked_scatter: expected at least %d elements in source, got %d", wanted,
      source:numel())
  end
  if wanted == 0 then return self:clone() end
  local place = flat:to("float64"):cumsum(1):clamp(1, source:numel()):long()
  local taken = source:reshape(-1):gather_rows(place)
  return mask:where(taken:reshape(self.shape), self)
end

--- The index of each slice of src, as a tensor of src's shape.
local function spread(who, t, dim, index, src)
  dim = dimension(who, t, dim)
  local shape = {}
  for d = 1, t.ndim do shape[d] = d == dim and index:numel() or 1 end
  return dim, index:reshape(shape):expand(src.shape)
end

--- src added to the slices that indices name; the same one may come twice.
--- @param dim integer
--- @param index mlp.Tensor  int64, from 1
--- @param src mlp.Tensor
--- @return mlp.Tensor
function Tensor:index_add(dim, index, src)
  local d, places = spread("index_add", self, dim, index, src)
  return self:scatter_add(d, places, src)
end

--- src in the place of the slices that indices name.
--- @param dim integer
--- @param index mlp.Tensor  int64, from 1
--- @param src mlp.Tensor
--- @return mlp.Tensor
function Tensor:index_copy(dim, index, src)
  local d, places = spread("index_copy", self, dim, index, src)
  return self:scatter(d, places, src)
end

--- A number in the place of the slices that indices name.
--- @param dim integer
--- @param index mlp.Tensor  int64, from 1
--- @param value number
--- @return mlp.Tensor
function Tensor:index_fill(dim, index, value)
  local shape = self.shape
  shape[dimension("index_fill", self, dim)] = index:numel()
  return self:index_copy(dim, index, core.full(shape, value, { dtype = self.dtype }))
end

-- Matrices. ---------------------------------------------------------------------------

local function check_matrix(who, t)
  if t.ndim ~= 2 then
    check.raise("shape", "%s: expected a matrix, got %d dimensions", who, t.ndim)
  end
end

--- The part on and below a diagonal, zeros above.
--- @param k? integer  0: the main diagonal, 1: the one above it
--- @return mlp.Tensor
function Tensor:tril(k)
  check_matrix("tril", self)
  return core.band(self.shape[1], self.shape[2], -math.huge, k or 0):where(self, 0)
end

--- The part on and above a diagonal, zeros below.
--- @param k? integer  0
--- @return mlp.Tensor
function Tensor:triu(k)
  check_matrix("triu", self)
  return core.band(self.shape[1], self.shape[2], k or 0, math.huge):where(self, 0)
end

--- Where the n elements of a diagonal are in a matrix of so many columns, whose elements count
--- from 1, row by row.
local function diagonal(n, columns, down, right)
  local first = down * columns + right + 1
  return range(first, first + (n - 1) * (columns + 1), columns + 1)
end

--- A vector on the diagonal of a matrix; of a matrix its diagonal.
--- @param k? integer  0: the main diagonal, 1: the one above it
--- @return mlp.Tensor
function Tensor:diag(k)
  k = k or 0
  local down, right = math.max(-k, 0), math.max(k, 0)
  if self.ndim == 1 then
    local m = #self + math.abs(k)
    local flat = core.zeros(m * m, { dtype = self.dtype })
    return flat:scatter(1, diagonal(#self, m, down, right), self):reshape(m, m)
  end
  check_matrix("diag", self)
  local n = math.min(self.shape[1] - down, self.shape[2] - right)
  return self:reshape(-1):gather_rows(diagonal(math.max(n, 0), self.shape[2], down, right))
end

--- The sum of the diagonal.
--- @return mlp.Tensor
function Tensor:trace() return self:diag():sum() end

-- Shapes. ---------------------------------------------------------------------------

--- Elements from one on along a dimension: a view.
--- @param dim integer
--- @param first integer
--- @param length integer
--- @return mlp.Tensor
function Tensor:narrow(dim, first, length)
  return self:slice(first, first + whole("narrow", "length", length, 0) - 1, dim)
end

--- Parts of `size` slices along a dimension, the last one smaller where it must be: views.
--- @param size integer
--- @param dim? integer  1
--- @return mlp.Tensor[]
function Tensor:split(size, dim)
  dim = dimension("split", self, dim, 1)
  whole("split", "size", size, 1)
  local parts = {}
  for first = 1, self.shape[dim], size do
    parts[#parts + 1] = self:slice(first, math.min(first + size - 1, self.shape[dim]), dim)
  end
  return parts
end

--- At most n parts of equal size along a dimension, the last one smaller: views.
--- @param n integer
--- @param dim? integer  1
--- @return mlp.Tensor[]
function Tensor:chunk(n, dim)
  dim = dimension("chunk", self, dim, 1)
  local size = (self.shape[dim] + whole("chunk", "n", n, 1) - 1) // n
  return self:split(math.max(size, 1), dim)
end

--- The whole tensor several times along each dimension; new dimensions come in front. NumPy's tile,
--- PyTorch's repeat.
--- @param ... integer  how often along each dimension
--- @return mlp.Tensor
--- @usage mlp.tensor({ 1, 2 }):tile(2, 2)  -- {{1, 2, 1, 2}, {1, 2, 1, 2}}
function Tensor:tile(...)
  local times = type(...) == "table" and ... or { ... }
  local t = self
  for _ = t.ndim + 1, #times do t = t:unsqueeze(1) end
  local skip = t.ndim - #times
  for d = 1, t.ndim do
    local n = d > skip and whole("tile", "times", times[d - skip], 0) or 1
    if n ~= 1 then
      local shape, wide = t.shape, {}
      for k = 1, t.ndim do
        if k == d then wide[#wide + 1] = n end
        wide[#wide + 1] = shape[k]
      end
      shape[d] = shape[d] * n
      t = t:unsqueeze(d):expand(wide):reshape(shape)
    end
  end
  return t
end

--- The same as tile: Torch7's name.
--- @param ... integer
--- @return mlp.Tensor
function Tensor:repeatTensor(...) return self:tile(...) end

--- The other way round along dimensions.
--- @param ... integer  dimensions
--- @return mlp.Tensor
function Tensor:flip(...)
  local t = self
  for _, dim in ipairs(type(...) == "table" and ... or { ... }) do
    local d = dimension("flip", t, dim)
    if t.shape[d] > 1 then t = t:gather_rows(range(t.shape[d], 1, -1), d) end
  end
  return t
end

--- Shifted along a dimension; what leaves at the end comes in at the start.
--- @param shift integer
--- @param dim? integer  1
--- @return mlp.Tensor
function Tensor:roll(shift, dim)
  dim = dimension("roll", self, dim, 1)
  local n = self.shape[dim]
  local k = n > 0 and shift % n or 0
  if k == 0 then return self:clone() end
  return core.concat({ self:slice(n - k + 1, n, dim), self:slice(1, n - k, dim) }, dim)
end

--- Dimensions from one to another made one.
--- @param first? integer  1
--- @param last? integer  the last
--- @return mlp.Tensor
function Tensor:flatten(first, last)
  first, last = first or 1, last or -1
  if self.ndim == 0 then return self:reshape(1) end
  first, last = dimension("flatten", self, first), dimension("flatten", self, last)
  local shape = {}
  for d = 1, self.ndim do
    if d > first and d <= last then
      shape[#shape] = shape[#shape] * self.shape[d]
    else
      shape[#shape + 1] = self.shape[d]
    end
  end
  return self:reshape(shape)
end

core.extend("mlp.Tensor", Tensor)
