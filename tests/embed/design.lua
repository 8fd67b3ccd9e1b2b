-- design.lua: the first script of docs/embedding.md and README, but for its pictures. However it is
-- run, it prints the same hash; a host asks the global functions for more.
local mlp = require "mlp"

local train, test = mlp.datasets.moons { n = 2000, noise = 0.2 }:split { test = 0.25 }

local model = mlp.Sequential {
  mlp.Dense { units = 16, activation = "relu", kernel_initializer = "he_uniform" },
  mlp.Dropout { rate = 0.2 },
  mlp.Dense { units = 1, activation = "sigmoid" },
}
model:compile {
  optimizer = mlp.Adam { learning_rate = 0.01 },
  loss = "binary_crossentropy", metrics = { "accuracy" },
}
model:fit(train, {
  epochs = 100, batch_size = 32, validation_split = 0.2, verbose = 0,
  callbacks = { mlp.EarlyStopping { monitor = "val_loss", patience = 5 } },
})
print(model:hash())

function design_hash() return model:hash() end
function design_model() return model, test.x, test.y end
function design_accuracy() return model:evaluate(test).accuracy end
