-- What have we learned: the rule by depth as one map. Recipes by depth 1 to 25, on two circles with
-- 8 units a layer; the colour is the median accuracy of three seeds.
-- The slide's rule: to 3 layers tanh with uniform weights, to 8 relu with he_uniform, to 25
-- residual connections with batch normalization.
--   mlprun experiments/depth_rule.lua
local mlp = require "mlp"

local uniform = mlp.initializers.RandomUniform { minval = -0.5, maxval = 0.5 }
local recipes = {
  { "sigmoid, uniform", activation = "sigmoid", init = uniform },
  { "tanh, uniform", activation = "tanh", init = uniform },
  { "relu, he_uniform", activation = "relu", init = "he_uniform" },
  { "residual relu", activation = "relu", init = "he_uniform", residual = true },
  { "batch norm tanh", activation = "tanh", init = uniform, norm = true },
  { "residual + norm relu", activation = "relu", init = "he_uniform", residual = true,
    norm = true },
}
local depths = { 1, 2, 3, 5, 8, 10, 12, 16, 20, 25 }

local function network(recipe, depth)
  local x = mlp.Input { 2 }
  local h = x
  for i = 1, depth do
    local z = mlp.Dense { 8, kernel_initializer = recipe.init }(h)
    if recipe.norm then z = mlp.BatchNormalization { momentum = 0.9 }(z) end
    z = mlp.Activation(recipe.activation)(z)
    h = recipe.residual and i > 1 and h + z or z
  end
  return mlp.Model { inputs = x, outputs = mlp.Dense { 1, "sigmoid" }(h) }:compile {
    optimizer = mlp.Adam(0.005), loss = "binary_crossentropy", metrics = { "accuracy" } }
end

local done = {}
local function accuracy(r, depth, seed)
  local key = ("%d %d %d"):format(r, depth, seed)
  if not done[key] then
    mlp.seed(seed)
    local train, test = mlp.datasets.circles { n = 800, noise = 0.1 }:split { test = 0.4 }
    local model = network(recipes[r], depth)
    model:fit(train, { epochs = 100, verbose = 0 })
    done[key] = model:evaluate(test).accuracy
  end
  return done[key]
end

local map, names, columns = {}, {}, {}
for r, recipe in ipairs(recipes) do
  map[r], names[r] = {}, recipe[1]
  for d, depth in ipairs(depths) do
    local list = {}
    for seed = 0, 2 do list[seed + 1] = accuracy(r, depth, seed) end
    table.sort(list)
    map[r][d], columns[d] = list[2], tostring(depth)
  end
  print(("%-22s"):format(recipe[1]), table.concat(map[r], " ", 1, 3))
end
mlp.plot.heatmap(map, { xnames = columns, ynames = names, annotate = true, format = "%.2f",
  vmin = 0.5, vmax = 1, xlabel = "hidden layers", width = 9, height = 4,
  title = "Median test accuracy of three seeds" }):save(mlp.out "depth_rule.png")
print("wrote " .. mlp.out "depth_rule.png")

local function claim(text, r, depth, expect)
  mlp.claim(text, { slide = "S32", expect = expect, seeds = 5,
    measure = function(seed) return accuracy(r, depth, seed) end })
end
claim("1 to 3 layers: tanh with uniform weights", 2, 3, ">= 0.95")
claim("at 20 layers it fails", 2, 20, "<= 0.7")
claim("4 to 8 layers: relu with he_uniform", 3, 8, ">= 0.95")
claim("9 to 25 layers: residual and normalized", 6, 25, ">= 0.95")
claim("sigmoid fails at 8 already", 1, 8, "<= 0.7")
local advice = network(recipes[2], 20):advise()
mlp.claim("advise says so: residual and normalized at 20 layers", { slide = "S32", expect = true,
  measure = advice.rule:find "residual" ~= nil and #advice >= 2 })
