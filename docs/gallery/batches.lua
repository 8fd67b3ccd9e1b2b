-- The loss of every batch, pale, under its moving average.
local mlp = require "mlp"

local data = mlp.datasets.moons { n = 1000, noise = 0.2 }
local model = mlp.Sequential { mlp.Dense { units = 16, activation = "relu" },
                               mlp.Dense { units = 1, activation = "sigmoid" } }
model:compile { optimizer = "adam", loss = "binary_crossentropy" }
local losses = {}
model:fit(data, { epochs = 12, verbose = 0, callbacks = { {
  on_train_batch_end = function(_, _, logs) losses[#losses + 1] = logs.loss end,
} } })
mlp.plot.batches(losses, { steps = 32, smooth = 0.95 }):save(mlp.out "batches.png")
