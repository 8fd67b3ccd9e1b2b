--- What the methods of tensors that are written in Lua ask of their arguments.
local core = require "mlp.core"
local check = require "mlp.check"

local M = {}

--- A dimension made positive.
function M.dimension(who, t, dim, preset)
  dim = dim or preset
  local d = type(dim) == "number" and (dim < 0 and dim + t.ndim + 1 or dim)
  if not d or d < 1 or d > t.ndim or math.type(d) ~= "integer" then
    check.raise("argument", "%s: argument 'dim': expected 1..%d or -%d..-1, got %s", who, t.ndim,
      t.ndim, tostring(dim))
  end
  return d
end

--- A whole number of at least `least`.
function M.whole(who, name, v, least)
  if math.type(v) ~= "integer" or v < least then
    check.raise("argument", "%s: argument '%s': expected a whole number of at least %d, got %s",
      who, name, least, tostring(v))
  end
  return v
end

--- Whole numbers at equal steps, as indices.
function M.range(first, last, step)
  return core.arange(first, last, step or 1, { dtype = "int64" })
end

return M
