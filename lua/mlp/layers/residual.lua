--- Residual blocks: x + f(x), so that gradients reach the first layers of a deep network.
--- He et al. 2016, "Identity mappings in deep residual networks", arXiv:1603.05027: the activation
--- comes before each product, and nothing after the sum.
local core = require "mlp.core"
local check = require "mlp.check"
local custom = require "mlp.custom"

local function dense(self, activation)
  return core.layer("dense", { units = self.units, activation = activation or "linear",
    kernel_initializer = self.kernel_initializer })
end

local function build(self, shape)
  self.inner = {}
  for i = 1, self.layers do
    if self.batch_normalization then
      self.inner[#self.inner + 1] = core.layer "batch_normalization"
    end
    self.inner[#self.inner + 1] = core.layer("activation", { self.activation })
    if self.dropout > 0 and i == self.layers then
      self.inner[#self.inner + 1] = core.layer("dropout", { self.dropout })
    end
    self.inner[#self.inner + 1] = dense(self)
  end
  if shape[#shape] ~= self.units then self.skip = dense(self) end
end

local function call(self, x)
  local y = x
  for _, layer in ipairs(self.inner) do y = layer(y) end
  return (self.skip and self.skip(x) or x) + y
end

local make = custom.built_in {
  name = "residual", build = build, call = call,
  names = { "units", "layers", "activation", "dropout", "batch_normalization",
    "kernel_initializer" },
  options = {
    units = 1, layers = 2, activation = "relu", dropout = 0, batch_normalization = false,
    kernel_initializer = "he_uniform",
  },
}

local M = {}

--- A residual block, x + f(x): f is `layers` times an activation and a Dense layer of `units`, with
--- batch normalization before each activation and dropout before the last Dense layer where that is
--- asked for. Where x has another width, a Dense layer brings it to `units`.
--- Source: He et al. 2016, arXiv:1603.05027.
--- @param options table  units 1, layers 2, activation "relu", dropout 0, batch_normalization
---   false, kernel_initializer "he_uniform"
--- @return mlp.Layer
--- @usage mlp.Sequential { mlp.Dense(16), mlp.Residual { units = 16 }, mlp.Dense(1) }
function M.Residual(options)
  local first = type(options) == "table" and options[1] or options
  if core.type(first) == "mlp.Layer" then
    check.raise("argument", "residual: expected options, { units = 16 }, got a layer; with layers "
      .. "of your own: y = mlp.Add {} { x, layer(x) } in a mlp.Model")
  end
  return make(options)
end

return M
