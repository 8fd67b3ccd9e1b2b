-- Loss and accuracy over epochs: training dashed and pale, validation solid, best epoch marked, the
-- learning rate on the right.
local mlp = require "mlp"

local data = mlp.datasets.moons { n = 600, noise = 0.25 }
local model = mlp.Sequential { mlp.Dense { units = 16, activation = "relu" },
                               mlp.Dense { units = 1, activation = "sigmoid" } }
model:compile {
  optimizer = mlp.Adam { learning_rate = mlp.schedules.CosineDecay {
    initial_learning_rate = 0.02, decay_steps = 900 } },
  loss = "binary_crossentropy", metrics = { "accuracy" },
}
local history = model:fit(data, { epochs = 60, validation_split = 0.2, verbose = 0,
                                  callbacks = { mlp.EarlyStopping { patience = 25 } } })
history:plot { lr = true }:save(mlp.out "history.png")
