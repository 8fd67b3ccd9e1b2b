-- kill_fit.lua FOLDER: train with dropout, batch norm, a schedule, early stopping, checkpoints in
-- FOLDER; write epochs and hash of the weights to FOLDER.hash.
local mlp = require "mlp"
local data = mlp.datasets.moons { n = 400, noise = 0.3, seed = 7 }
local model = mlp.Sequential { mlp.Dense { units = 32, activation = "relu" },
  mlp.BatchNormalization(), mlp.Dropout(0.3), mlp.Dense { units = 1, activation = "sigmoid" } }
model:compile { loss = "binary_crossentropy", metrics = { "accuracy" }, optimizer = mlp.Adam {
  learning_rate = mlp.schedules.CosineDecay { initial_learning_rate = 0.02, decay_steps = 400 } } }
local history = model:fit(data, { epochs = 40, validation_split = 0.25, verbose = 0, callbacks = {
  mlp.EarlyStopping { patience = 20 },
  mlp.CSVLogger(arg[1] .. ".csv"),
  mlp.BackupAndRestore { backup_dir = arg[1], save_freq = 7, delete_checkpoint = false },
} })
local file <close> = assert(io.open(arg[1] .. ".hash", "w"))
file:write(#history, " ", tostring(history.stop_reason), " ", model:hash(), "\n")
