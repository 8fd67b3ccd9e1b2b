--- mlp: experiments with small neural networks.
local core = require "mlp.core"
local check = require "mlp.check"
local families = require "mlp.families"

local mlp = {
  _VERSION = core.version,
  tensor = core.tensor, zeros = core.zeros, ones = core.ones, full = core.full, rand = core.rand,
  randn = core.randn, randperm = core.randperm, arange = core.arange, linspace = core.linspace,
  eye = core.eye, concat = core.concat, no_grad = core.no_grad, is_tensor = core.is_tensor,
}

families.install(mlp)

local model = require "mlp.model"
mlp.Sequential, mlp.Model, mlp.Input = model.Sequential, model.Model, model.Input

mlp.load = require("mlp.file").load

mlp.callbacks = require "mlp.callbacks"
for _, name in ipairs { "EarlyStopping", "Lambda" } do mlp[name] = mlp.callbacks[name] end

--- The seed of the run: every random number follows from it. Resets the count of models, so that the
--- same code after it gives the same weights. Returns the seed that was.
--- @param n? integer
function mlp.seed(n)
  if n ~= nil and math.type(n) ~= "integer" then
    check.raise("argument", "seed: expected a whole number, got %s", tostring(n))
  end
  return core.seed(n)
end

--- Call f(...); nil and the error object where it raises, instead of raising.
function mlp.try(f, ...)
  return (function(ok, ...)
    if ok then return ... end
    return nil, (...)
  end)(pcall(f, ...))
end

--- A dataset from tensors or Lua tables: see mlp.data.dataset.
function mlp.dataset(options) return require("mlp.data").dataset(options) end

-- The rest is loaded when first used.
local lazy = {
  plot = "mlp.plot", datasets = "mlp.datasets", data = "mlp.data", args = "mlp.args", out = "mlp.out",
  help = "mlp.help",
}

return setmetatable(mlp, {
  __index = function(t, key)
    local name = lazy[key]
    if not name then return nil end
    local value = require(name)
    rawset(t, key, value)
    return value
  end,
})
