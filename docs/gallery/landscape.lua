-- The loss along two random directions through the weights of a trained model.
local mlp = require "mlp"

local data = mlp.datasets.moons { n = 300, noise = 0.2 }
local model = mlp.Sequential { mlp.Dense { units = 16, activation = "tanh" },
                               mlp.Dense { units = 1, activation = "sigmoid" } }
model:compile { optimizer = mlp.Adam { learning_rate = 0.01 }, loss = "binary_crossentropy" }
model:fit(data, { epochs = 60, verbose = 0 })
mlp.plot.landscape(model, data):save(mlp.out "landscape.png")
