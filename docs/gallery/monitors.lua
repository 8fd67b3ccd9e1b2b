-- What monitors see of a run: gradient norms by layer and epoch, the size of steps, weights.
local mlp = require "mlp"

local data = mlp.datasets.moons { n = 400, noise = 0.2 }
local layers = {}
for i = 1, 6 do layers[i] = mlp.Dense { units = 12, activation = "tanh" } end
layers[7] = mlp.Dense { units = 1, activation = "sigmoid" }
local model = mlp.Sequential(layers)
model:compile { optimizer = mlp.Adam { learning_rate = 0.005 }, loss = "binary_crossentropy" }
local gradients = mlp.monitor.gradients { every = "epoch" }
local updates = mlp.monitor.updates { every = "epoch" }
local weights = mlp.monitor.weights { every = "epoch", bins = 40 }
model:fit(data, { epochs = 30, verbose = 0, callbacks = { gradients, updates, weights } })
mlp.plot.gradient_heatmap(gradients):save(mlp.out "gradient_heatmap.png")
mlp.plot.update_ratio(updates):save(mlp.out "update_ratio.png")
mlp.plot.weight_ridge(weights, { layer = 3 }):save(mlp.out "weight_ridge.png")
