-- The names of first weights, and how large these are: a layer of 250 units on 400 inputs.
-- The slides' random uniform is (-0.5, 0.5), that of the Playground; Keras's "random_uniform"
-- without arguments is (-0.05, 0.05).
--   mlprun experiments/initializers.lua
local mlp = require "mlp"

local playground = mlp.initializers.RandomUniform { minval = -0.5, maxval = 0.5 }

--- The 100,000 first weights of the layer.
local function drawn(initializer)
  local layer = mlp.Dense { 250, kernel_initializer = initializer }
  mlp.Sequential { layer }:build { 400 }
  return layer.kernel:detach()
end
local function largest(initializer) return drawn(initializer):abs():max():item() end

local names = { "he_uniform", "glorot_uniform", "lecun_uniform", "he_normal", "glorot_normal",
  "random_uniform" }
local fig = mlp.plot.figure { rows = 2, cols = 3, sharex = true }
for i, name in ipairs(names) do
  mlp.plot.hist(drawn(name), { panel = fig:panel((i - 1) // 3 + 1, (i - 1) % 3 + 1), title = name,
    bins = 60, range = { -0.2, 0.2 }, xlabel = "weight", ylabel = "" })
end
fig:save(mlp.out "initializers.png")
print("wrote " .. mlp.out "initializers.png")

mlp.claim { "he_uniform reaches sqrt(6 / inputs)", largest "he_uniform" / math.sqrt(6 / 400),
  "in [0.999, 1]", slide = "S37" }
mlp.claim { "glorot_uniform sqrt(6 / (inputs + units))", slide = "S37", expect = "in [0.999, 1]",
  measure = largest "glorot_uniform" / math.sqrt(6 / 650) }
mlp.claim { "lecun_uniform sqrt(3 / inputs)", largest "lecun_uniform" / math.sqrt(3 / 400),
  "in [0.999, 1]", slide = "S37" }
mlp.claim { "Keras's random_uniform reaches 0.05", largest "random_uniform", "in [0.0499, 0.05]",
  slide = "S37, T6" }
mlp.claim { "the slides' reaches 0.5", largest(playground), "in [0.499, 0.5]", slide = "S37, T6" }
