-- Hyper-parameters and what their search may cost (S63, S64, S66): layers, neurons and dropout are
-- chosen before the training that finds the weights. A search stops at a number of trials, of
-- epochs, of seconds or of bytes, and says which limit it met. It is an iterative process: a study
-- is opened again, its space is narrowed around the best, and it goes on.
--   mlprun experiments/search_budget.lua
-- One model that is watched (a panda's child) is model:fit with progress; many at once (caviar) is
-- optimize with n_jobs = 2 (processes), or together = 8 (side by side in one).
local mlp = require "mlp"
local data = mlp.datasets.moons { n = 200, noise = 0.2, seed = 1 }
local path = os.tmpname() -- out/moons.db where a study shall stay

--- Layers, neurons and dropout of a network; how many layers there may be is the space.
local function network(space)
  return function(trial)
    local layers = {}
    for i = 1, trial:Int("layers", space[1], space[2]) do
      layers[i] = mlp.Dense { trial:Int("units", 2, 16), "relu" }
    end
    layers[#layers + 1] = mlp.Dropout(trial:Float("dropout", 0.2, 0.5, { step = 0.1 }))
    layers[#layers + 1] = mlp.Dense { 1, "sigmoid" }
    local model = mlp.Sequential(layers):compile { loss = "binary_crossentropy",
      optimizer = mlp.Adam(0.02) }
    local history = model:fit(data, { epochs = 10, validation_split = 0.3, verbose = 0,
      callbacks = { trial:callback { monitor = "val_loss" } } })
    return history.val_loss[10]
  end
end

local function search(space, budget)
  local study = mlp.study { name = "moons", storage = path, pruner = "none" }
  budget.verbose = 0
  study:optimize(network(space), budget)
  print(("%3d trials, best %.4f: %s"):format(#study:trials(), study:best().value,
    study.stop_reason or "all were made"))
  return study
end

local study = search({ 1, 4 }, { n_trials = 12 })
mlp.claim("trials of a budget of 12 trials", { slide = "S63", expect = "== 12",
  measure = #study:trials() })
study:close()

study = search({ 1, 2 }, { max_epochs = 175 }) -- opened again, with fewer layers
mlp.claim("trials when 175 epochs, 10 a trial, are used up", { slide = "S63", expect = "== 18",
  measure = #study:trials() })
mlp.claim("layers of the deepest since the space is narrower", { slide = "S64", expect = "<= 2",
  measure = math.max(table.unpack(study:column "layers", 13)) })
mlp.claim("dropout reaches 0.5 in steps of 0.1", { slide = "T17", expect = "0.5 +- 1e-9",
  measure = math.max(table.unpack(study:column "dropout")) }) -- Keras Tuner's: 0.4, int(0.3 // 0.1)

study:plot("history", { title = "12 trials, then a narrower space" }):save(
  mlp.out "search_budget.png")
study:close()
os.remove(path)
print("wrote " .. mlp.out "search_budget.png")
