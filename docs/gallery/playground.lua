-- A small network as the TensorFlow Playground shows it.
local mlp = require "mlp"

local data = mlp.datasets.playground_circle { n = 300 }
local model = mlp.Sequential { mlp.Dense { units = 4, activation = "tanh" },
                               mlp.Dense { units = 2, activation = "tanh" },
                               mlp.Dense { units = 1, activation = "sigmoid" } }
model:compile { optimizer = mlp.Adam { learning_rate = 0.03 }, loss = "binary_crossentropy" }
local history = model:fit(data, { epochs = 60, validation_split = 0.5, verbose = 0 })
mlp.plot.playground(model, data, { history = history }):save(mlp.out "playground.png")
