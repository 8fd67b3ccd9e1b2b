-- Schedules of the learning rate, and a range test.
local mlp = require "mlp"

mlp.plot.schedule({
  mlp.schedules.CosineDecay { initial_learning_rate = 0.1, decay_steps = 1000 },
  mlp.schedules.ExponentialDecay { initial_learning_rate = 0.1, decay_steps = 200,
                                   decay_rate = 0.5 },
}):save(mlp.out "schedule.png")

local data = mlp.datasets.moons { n = 500, noise = 0.2 }
local model = mlp.Sequential { mlp.Dense { units = 16, activation = "relu" },
                               mlp.Dense { units = 1, activation = "sigmoid" } }
model:compile { optimizer = "sgd", loss = "binary_crossentropy" }
mlp.lr_find(model, data, { min_lr = 1e-4, max_lr = 100, steps = 150 }):plot()
  :save(mlp.out "lr_find.png")
