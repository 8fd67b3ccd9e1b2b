-- A mini-batch must fit in memory: model:memory says before what a training will take.
-- Weights, their gradients and Adam's two slots do not depend on the batch; what the layers give
-- does, row by row.
--   mlprun experiments/memory.lua
local mlp = require "mlp"

local data = mlp.datasets.gauss { n = 4000 }
mlp.Metric { name = "in_use", logs = function(log) return log.bytes end }

--- Bytes of a training: as predicted, and in use at its end.
local function memory(batch_size)
  collectgarbage()
  local model = mlp.Sequential { mlp.Dense { 64, "relu" }, mlp.Dense { 1, "sigmoid" } }
  model:build { 2 }
  model:compile { loss = "binary_crossentropy", metrics = { "in_use" } }
  local history = model:fit(data, { batch_size = batch_size, verbose = 0 })
  return model:memory { batch_size = batch_size }.total, history.in_use[1]
end

local sizes, predicted, used = { 16, 500, 1000, 2000, 4000 }, {}, {}
for i, size in ipairs(sizes) do
  local total, in_use = memory(size)
  predicted[i], used[i] = total / 1024, in_use / 1024
  print(("batches of %4d: %4.0f KiB more than of 16, predicted %4.0f"):format(size,
    used[i] - used[1], predicted[i] - predicted[1]))
end
local more, said = mlp.tensor(used) - used[1], mlp.tensor(predicted) - predicted[1]
mlp.plot.line(sizes, { more, said }, { labels = { "measured", "model:memory" }, marker = "circle",
  xlabel = "batch size", ylabel = "KiB more than with 16", title = "What a mini-batch takes" })
  :save(mlp.out "memory.png")
print("wrote " .. mlp.out "memory.png")

mlp.claim { "predicted over measured growth of the memory", slide = "S16", expect = "1 +- 0.1",
  measure = (predicted[3] - predicted[1]) / (used[3] - used[1]) }
