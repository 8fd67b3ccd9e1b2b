-- Before training: is the loss near ln K, the accuracy near 1/K; can the model overfit a few rows?
-- Saxe et al.: check accuracy before training. Bengio: if the model is not powerful enough to
-- overfit, change its structure or make it larger.
--   mlprun experiments/sanity_checks.lua
local mlp = require "mlp"

local data = mlp.datasets.digits { n = 1000, seed = 1 }
local function network(initializer, units)
  return mlp.Sequential { mlp.Dense { units or 32, "relu", kernel_initializer = initializer },
    mlp.Dense { 10, "softmax", kernel_initializer = initializer } }
    :compile { loss = "sparse_categorical_crossentropy", optimizer = mlp.Adam(0.003) }
end
local wide = mlp.initializers.RandomUniform { minval = -5, maxval = 5 }
local small = mlp.initializers.RandomUniform { minval = -0.05, maxval = 0.05 }

local good, bad = mlp.check.sanity(network(small), data), mlp.check.sanity(network(wide), data)
print("weights in (-0.05, 0.05):", good, "\nweights in (-5, 5):", bad)
local enough, few = mlp.check.overfit(network "he_uniform", data, { n = 20 }),
  mlp.check.overfit(network("he_uniform", 1), data, { n = 20 })
print("32 units:", enough, "\n1 unit:", few)

local fig = mlp.plot.figure {}
fig:panel(1, 1):scatter({ 1, 2 }, { good.loss, bad.loss }, { size = 10 })
  :hline(math.log(10), { dash = "dashed", label = "ln 10: every class as likely" })
  :set { xnames = { "weights in (-0.05, 0.05)", "weights in (-5, 5)" }, xlim = { 0.5, 2.5 },
         ylabel = "loss before training", yscale = "log", ylim = { 1, 1000 } }
fig:save(mlp.out "sanity_checks.png")
print("wrote " .. mlp.out "sanity_checks.png")

mlp.claim("with small weights the loss is within 5 % of ln 10", { slide = "S38", expect = "< 0.05",
  measure = function() return math.abs(mlp.check.sanity(network(small), data).loss
    / math.log(10) - 1) end })
mlp.claim("and the accuracy near 1/10", { slide = "S38", expect = "0.1 +- 0.06",
  measure = function() return mlp.check.sanity(network(small), data).accuracy end })
mlp.claim("with weights in (-5, 5) the check fails loudly", { slide = "S38", expect = true,
  measure = function() return not mlp.check.sanity(network(wide), data).ok end })
mlp.claim("32 units learn 20 digits by heart", { slide = "S39", expect = true, seeds = 5,
  measure = function() return mlp.check.overfit(network "he_uniform", data, { n = 20 }).ok end })
mlp.claim("1 unit does not", { slide = "S39", expect = true, seeds = 5,
  measure = function()
    return not mlp.check.overfit(network("he_uniform", 1), data, { n = 20, steps = 500 }).ok
  end })
