-- Epoch, batch, iteration: one epoch sees every row once, in batches; each batch is one iteration.
-- Iterations = rows / batch size, rounded up: of 1000 rows in batches of 32 the last batch has 8.
--   mlprun experiments/epoch_batch_iteration.lua
local mlp = require "mlp"

local data = mlp.datasets.gauss { n = 1000 }

--- How many iterations an epoch has, and how many rows the last one.
local function count(batch_size)
  local iterations = 0
  local model = mlp.Sequential { mlp.Dense { 1, "sigmoid" } }
    :compile { loss = "binary_crossentropy" }
  model:fit(data, { batch_size = batch_size, verbose = 0, callbacks = {
    mlp.Lambda { on_batch_end = function() iterations = iterations + 1 end } } })
  return iterations
end

-- A mini-batch must fit in memory: model:memory says before what a training will take.
mlp.Metric { name = "in_use", logs = function(log) return log.bytes end }
local function memory(batch_size)
  collectgarbage()
  local model = mlp.Sequential { mlp.Dense { 64, "relu" }, mlp.Dense { 1, "sigmoid" } }
  model:build { 2 }
  model:compile { loss = "binary_crossentropy", metrics = { "in_use" } }
  local history = model:fit(data, { batch_size = batch_size, verbose = 0 })
  return model:memory { batch_size = batch_size }.total, history.in_use[1]
end
local predicted, used = memory(16)
local predicted_more, used_more = memory(1000)
print(("batches of 1000 instead of 16 take %.0f KiB more, model:memory says %.0f"):format(
  (used_more - used) / 1024, (predicted_more - predicted) / 1024))

local all, one, mini = count "all", count(1), count(32)
print(("batch gradient descent: %d iteration an epoch"):format(all))
print(("stochastic gradient descent: %d iterations"):format(one))
print(("mini-batches of 32: %d iterations"):format(mini))

-- Which rows come in which batch? Each exactly once, in another order each epoch.
local seen, sizes, order = {}, {}, { {}, {} }
for epoch = 1, 2 do
  for batch in data:batches { batch_size = 32, epoch = epoch } do
    if epoch == 1 then sizes[#sizes + 1] = batch.x.shape[1] end
    for _, row in ipairs(batch.index:totable()) do
      if epoch == 1 then seen[row] = (seen[row] or 0) + 1 end
      table.insert(order[epoch], row)
    end
  end
end
local once = true
for row = 1, 1000 do once = once and seen[row] == 1 end

local fig = mlp.plot.figure { cols = 2, title = "The order of 1000 rows in two epochs" }
for epoch = 1, 2 do
  fig:panel(1, epoch):scatter(nil, order[epoch], { size = 2 })
    :set { xlabel = "place in the epoch", ylabel = "row", title = ("epoch %d"):format(epoch) }
end
fig:save(mlp.out "epoch_batch_iteration.png")
print("wrote " .. mlp.out "epoch_batch_iteration.png")

local function claim(slide, text, value, expect)
  mlp.claim(text, { slide = slide, measure = value, expect = expect })
end
claim("S16", "predicted over measured growth of the memory",
  (predicted_more - predicted) / (used_more - used), "1 +- 0.1")
claim("S12", "1000 rows in batches of 32 are 32 iterations", mini, "== 32")
claim("S12", "the last batch has 8 rows", sizes[#sizes], "== 8")
claim("S12", "each row is seen exactly once an epoch", once, true)
claim("S13", "batch gradient descent: one iteration", all, "== 1")
claim("S13", "stochastic: as many as rows", one, "== 1000")
claim("S12", "the next epoch has another order", order[1][1] ~= order[2][1]
  or order[1][2] ~= order[2][2], true)
