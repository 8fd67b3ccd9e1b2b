--- mlp.hidden_layers: hidden layers one after the other.
local core = require "mlp.core"
local check = require "mlp.check"

local M = {}

local function layer(kind, options) return core.layer(kind, options) end

--- One block on x.
local function block(x, o)
  local z = layer("dense", { units = o.units, kernel_initializer = o.kernel_initializer })(x)
  if o.batch_normalization then
    local norm = type(o.batch_normalization) == "table" and o.batch_normalization or {}
    z = layer("batch_normalization", norm)(z)
  end
  return layer("activation", { o.activation })(z)
end

--- @see mlp.hidden_layers
function M.hidden_layers(x, options)
  local o = check.options("hidden_layers", options, {
    depth = 1, units = 8, activation = check.any "relu", kernel_initializer = check.none,
    batch_normalization = check.any(false), residual = false,
  })
  local depth = check.whole("hidden_layers", "depth", o.depth, 0)
  check.whole("hidden_layers", "units", o.units, 1)
  for i = 1, depth do
    local h = block(x, o)
    x = o.residual and i > 1 and x + h or h
  end
  return x
end

return M
