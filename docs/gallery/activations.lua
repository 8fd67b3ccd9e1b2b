-- The outputs of every layer with the share that is saturated, and the gradients.
local mlp = require "mlp"

local data = mlp.datasets.moons { n = 500, noise = 0.2 }
local layers = {}
for i = 1, 5 do
  layers[i] = mlp.Dense { units = 30, activation = i < 4 and "tanh" or "relu",
                          kernel_initializer = mlp.initializers.RandomNormal { stddev = 0.6 } }
end
layers[6] = mlp.Dense { units = 1, activation = "sigmoid" }
local model = mlp.Sequential(layers)
model:compile { loss = "binary_crossentropy" }
model:build { 2 }
mlp.plot.activations(model, data):save(mlp.out "activations.png")
mlp.plot.gradients(model, data):save(mlp.out "gradients.png")
