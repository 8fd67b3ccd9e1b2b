-- What have we learned: the rule by depth as one map. Recipes by depth 1 to 25, on two circles with
-- 8 units a layer; the colour is the median accuracy of three seeds.
-- The slide's rule: to 3 layers tanh with uniform weights, to 8 relu with he_uniform, to 25
-- residual connections with batch normalization.
--   mlprun experiments/depth_rule.lua
local mlp = require "mlp"

local uniform = mlp.initializers.RandomUniform { minval = -0.5, maxval = 0.5 }
local norm = { momentum = 0.9 }
local recipes = { -- a name, then what mlp.hidden_layers makes
  { "sigmoid, uniform", { activation = "sigmoid", kernel_initializer = uniform } },
  { "tanh, uniform", { activation = "tanh", kernel_initializer = uniform } },
  { "relu, he_uniform", { kernel_initializer = "he_uniform" } },
  { "residual relu", { kernel_initializer = "he_uniform", residual = true } },
  { "batch norm tanh", { activation = "tanh", kernel_initializer = uniform,
    batch_normalization = norm } },
  { "residual + norm relu", { kernel_initializer = "he_uniform", residual = true,
    batch_normalization = norm } },
}
local depths = { 1, 2, 3, 5, 8, 10, 12, 16, 20, 25 }

local function network(r, depth, units, rate)
  local x, options = mlp.Input { 2 }, recipes[r][2]
  options.depth, options.units = depth, units or 8
  local output = mlp.Dense { 1, "sigmoid" }(mlp.hidden_layers(x, options))
  return mlp.Model { inputs = x, outputs = output }:compile { optimizer = mlp.Adam(rate or 0.005),
    loss = "binary_crossentropy", metrics = { "accuracy" } }
end

local accuracy = mlp.memoize(function(r, depth, seed, units, rate)
  mlp.seed(seed)
  local train, test = mlp.datasets.circles { n = 800, noise = 0.1 }:split { test = 0.4 }
  local model = network(r, depth, units, rate)
  model:fit(train, { epochs = 100, verbose = 0 })
  return model:evaluate(test).accuracy
end)

local map, names = {}, {}
for r, recipe in ipairs(recipes) do
  map[r], names[r] = {}, recipe[1]
  for d, depth in ipairs(depths) do
    map[r][d] = mlp.tensor { accuracy(r, depth, 0), accuracy(r, depth, 1), accuracy(r, depth, 2) }
      :median():item()
  end
end
mlp.plot.heatmap(map, { xnames = depths, ynames = names, annotate = true, format = "%.2f",
  vmin = 0.5, vmax = 1, xlabel = "hidden layers", width = 9, height = 4,
  title = "Median test accuracy of three seeds" }):save(mlp.out "depth_rule.png")
print("wrote " .. mlp.out "depth_rule.png")

local function at(r, depth, units, rate)
  return function(seed) return accuracy(r, depth, seed, units, rate) end
end
mlp.claim { "1 to 3 layers: tanh, uniform weights", at(2, 3), ">= 0.95", slide = "S32", seeds = 5 }
mlp.claim { "at 20 layers it fails", at(2, 20), "<= 0.7", slide = "S32", seeds = 5 }
mlp.claim { "4 to 8: relu with he_uniform", at(3, 8), ">= 0.95", slide = "S32", seeds = 5 }
mlp.claim { "9 to 25: residual and normalized", at(6, 25), ">= 0.95", slide = "S32", seeds = 5 }
mlp.claim { "sigmoid fails at 8 already", at(1, 8), "<= 0.7", slide = "S32", seeds = 5 }
-- The slides tell neither width nor rate, and both matter.
mlp.claim { "at rate 0.002 20 layers of 10 tanh train", at(2, 20, 10, 0.002), ">= 0.95",
  slide = "T7", seeds = 5 }
mlp.claim { "of 8 most do not", at(2, 20, 8, 0.002), "<= 0.85", slide = "T7", seeds = 5 }
local advice = network(2, 20):advise()
mlp.claim { "advise says so: residual and normalized at 20 layers", slide = "S32",
  measure = advice.rule:find "residual" ~= nil and #advice >= 2, expect = true }
