-- Two moons: a small network learns which of two interleaved arcs a point belongs to.
--   mlprun experiments/moons.lua [--n 2000] [--noise 0.2] [--epochs 100] [--lr 0.01]
local mlp = require "mlp"
local args = mlp.args { n = 2000, noise = 0.2, epochs = 100, lr = 0.01 }

local train, test = mlp.datasets.moons { n = args.n, noise = args.noise }:split { test = 0.25 }

local model = mlp.Sequential {
  mlp.Dense { units = 16, activation = "relu", kernel_initializer = "he_uniform" },
  mlp.Dropout { rate = 0.2 },
  mlp.Dense { units = 1, activation = "sigmoid" },
}
model:compile {
  optimizer = mlp.Adam { learning_rate = args.lr },
  loss = "binary_crossentropy", metrics = { "accuracy" },
}
local history = model:fit(train, {
  epochs = args.epochs, batch_size = 32, validation_split = 0.2,
  callbacks = { mlp.EarlyStopping { monitor = "val_loss", patience = 5 } },
})

local curves, boundary = mlp.out "moons-history.png", mlp.out "moons-boundary.png"
history:plot():save(curves)
mlp.plot.decision_boundary(model, test):save(boundary)
print(("test accuracy %.4f after %d epochs"):format(model:evaluate(test).accuracy, #history))
print(("wrote %s and %s"):format(curves, boundary))
