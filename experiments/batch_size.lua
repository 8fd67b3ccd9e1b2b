-- The impact of the batch size: which of the slide's figures has batch size 1, which all rows?
-- A line is fitted by gradient descent; its slope and offset wander over the contours of the loss.
-- One row at a time gives a noisy path, all rows a smooth one.
--   mlprun experiments/batch_size.lua
local mlp = require "mlp"

local N <const> = 256
mlp.seed(mlp.seed())
local x = mlp.randn(N, 1)
local data = mlp.dataset { x = x, y = x * 1.5 + mlp.randn(N, 1) * 0.7 + 0.5 }

--- Train from the same start; the path of (slope, offset), one point a step, and the losses.
local function descend(batch_size, rate, steps)
  local model = mlp.Sequential { mlp.Dense(1) }:build { 1 }
  model:compile { loss = "mse", optimizer = mlp.SGD(rate) }
  model:set_weights { mlp.tensor { { -1.5 } }, mlp.tensor { 2.5 } }
  local path = { { -1.5, 2.5 } }
  local note = mlp.Lambda { on_batch_end = function(self)
    local w = self.model:get_weights()
    path[#path + 1] = { w[1]:item(), w[2]:item() }
    if #path > steps then self.model:stop_training() end
  end }
  local history = model:fit(data, { epochs = steps, batch_size = batch_size, verbose = 0,
    callbacks = { note } })
  return path, history
end

--- How much the direction of a step differs from that of the step before: 1 - mean cosine.
local function roughness(path)
  local sum, n = 0, 0
  for i = 3, #path do
    local ax, ay = path[i - 1][1] - path[i - 2][1], path[i - 1][2] - path[i - 2][2]
    local bx, by = path[i][1] - path[i - 1][1], path[i][2] - path[i - 1][2]
    local size = math.sqrt((ax * ax + ay * ay) * (bx * bx + by * by))
    if size > 1e-12 then sum, n = sum + (ax * bx + ay * by) / size, n + 1 end
  end
  return 1 - sum / n
end

local xs, ys = data.x:totable(), data.y:totable()
local function loss(w, b)
  local sum = 0
  for i = 1, N, 4 do sum = sum + (ys[i][1] - w * xs[i][1] - b) ^ 2 end
  return sum * 4 / N
end
local paths, labels = {}, { "batch 1", "batch 32", "all rows" }
for i, size in ipairs { 1, 32, "all" } do paths[i] = descend(size, 0.05, 120) end
mlp.plot.trajectories(loss, paths, { labels = labels, extent = { -2, 3, -1, 3 }, resolution = 60,
  xlabel = "slope", ylabel = "offset", title = "Gradient descent by batch size" })
  :save(mlp.out "batch_size.png")
print("wrote " .. mlp.out "batch_size.png")

--- Epochs until the loss is within 5 % of the least possible, at the same learning rate.
local function epochs_to_learn(batch_size)
  local _, history = descend(batch_size, 0.02, 1e4)
  local least = math.huge
  for _, v in ipairs(history.loss) do least = math.min(least, v) end
  for epoch, v in ipairs(history.loss) do if v < 1.05 * least then return epoch end end
end
local function difference(a, b)
  return function() return roughness(descend(a, 0.05, 120)) - roughness(descend(b, 0.05, 120)) end
end
mlp.claim("batch 1 is rougher than batch 32", { slide = "S14", expect = "> 0",
  measure = difference(1, 32) })
mlp.claim("batch 32 is rougher than all rows", { slide = "S14", expect = "> 0",
  measure = difference(32, "all") })
local _, full = descend("all", 0.05, 100)
local falls = true
for i = 2, #full do falls = falls and full.loss[i] <= full.loss[i - 1] + 1e-6 end
mlp.claim("with all rows and a small rate the loss only falls", { slide = "S14", measure = falls,
  expect = true })
-- The slide says that small batches need more iterations but fewer epochs.
local few, many = epochs_to_learn(1), epochs_to_learn "all"
print(("epochs to learn: batch 1 %d, all rows %d"):format(few, many))
mlp.claim("batch 1 needs fewer epochs than all rows", { slide = "S15", measure = few - many,
  expect = "< 0" })
