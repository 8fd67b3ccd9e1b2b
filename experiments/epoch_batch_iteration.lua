-- Epoch, batch, iteration: one epoch sees every row once, in batches; each batch is one iteration.
-- Iterations = rows / batch size, rounded up: of 1000 rows in batches of 32 the last batch has 8.
--   mlprun experiments/epoch_batch_iteration.lua
local mlp = require "mlp"

local data = mlp.datasets.gauss { n = 1000 }

--- How many iterations an epoch has.
local function count(batch_size)
  local iterations = 0
  local model = mlp.Sequential { mlp.Dense { 1, "sigmoid" } }
    :compile { loss = "binary_crossentropy" }
  model:fit(data, { batch_size = batch_size, verbose = 0, callbacks = {
    mlp.Lambda { on_batch_end = function() iterations = iterations + 1 end } } })
  return iterations
end
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

mlp.claim { "1000 rows in batches of 32 are 32 iterations", mini, "== 32", slide = "S12" }
mlp.claim { "the last batch has 8 rows", sizes[#sizes], "== 8", slide = "S12" }
mlp.claim { "each row is seen exactly once an epoch", once, true, slide = "S12" }
mlp.claim { "batch gradient descent: one iteration", all, "== 1", slide = "S13" }
mlp.claim { "stochastic: as many as rows", one, "== 1000", slide = "S13" }
mlp.claim { "the next epoch has another order", slide = "S12", expect = true,
  measure = order[1][1] ~= order[2][1] or order[1][2] ~= order[2][2] }
