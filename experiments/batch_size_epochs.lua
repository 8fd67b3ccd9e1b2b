-- Batch size selection: small batches are noisier and take more iterations, but fewer epochs.
-- The same line is fitted with batches of 1 to all of 256 rows at one learning rate, until the loss
-- is within 5 % of the least; many systems take 32, 64 or 128.
--   mlprun experiments/batch_size_epochs.lua
local mlp = require "mlp"

mlp.seed(mlp.seed())
local x = mlp.randn(256, 1)
local data = mlp.dataset { x = x, y = x * 1.5 + mlp.randn(256, 1) * 0.7 + 0.5 }

--- Epochs and seconds until the loss is within 5 % of the least possible.
local function learn(batch_size)
  local model = mlp.Sequential { mlp.Dense(1) }:build { 1 }
  model:compile { loss = "mse", optimizer = mlp.SGD(0.02) }
  model:set_weights { mlp.tensor { { -1.5 } }, mlp.tensor { 2.5 } }
  local iterations = batch_size == "all" and 1 or math.ceil(256 / batch_size)
  local clock = os.clock()
  local history = model:fit(data, { epochs = 10000 // iterations, batch_size = batch_size,
    verbose = 0 })
  local seconds = (os.clock() - clock) / #history
  local least = math.min(table.unpack(history.loss))
  for epoch, v in ipairs(history.loss) do
    if v < 1.05 * least then return epoch, epoch * iterations, epoch * seconds, history end
  end
end

local sizes, names = { 1, 32, 64, 128, "all" }, { "1", "32", "64", "128", "all" }
local epochs, iterations, seconds = {}, {}, {}
for i, size in ipairs(sizes) do
  epochs[i], iterations[i], seconds[i] = learn(size)
  print(("batch %-4s %4d epochs, %5d iterations, %.4f s"):format(names[i], epochs[i],
    iterations[i], seconds[i]))
end
local fig = mlp.plot.figure { cols = 2, title = "Until the loss is within 5 % of the least" }
mlp.plot.bars(epochs, { panel = fig:panel(1, 1), names = names, xlabel = "batch size",
  ylabel = "epochs" })
mlp.plot.bars(iterations, { panel = fig:panel(1, 2), names = names, xlabel = "batch size",
  ylabel = "iterations" })
fig:save(mlp.out "batch_size_epochs.png")
print("wrote " .. mlp.out "batch_size_epochs.png")

mlp.claim { "batch 1 needs fewer epochs than all rows", epochs[1] - epochs[5], "< 0",
  slide = "S15" }
mlp.claim { "but more iterations", iterations[1] - iterations[5], "> 0", slide = "S15" }
