-- The impact of the batch size: which of the slide's figures has batch size 1, which all rows?
-- A line is fitted by gradient descent; its slope and offset wander over the contours of the loss.
-- One row at a time gives a noisy path, all rows a smooth one.
--   mlprun experiments/batch_size.lua
local mlp = require "mlp"

mlp.seed(mlp.seed())
local x = mlp.randn(256, 1)
local data = mlp.dataset { x = x, y = x * 1.5 + mlp.randn(256, 1) * 0.7 + 0.5 }

--- Train from the same start; the path of (slope, offset), one point a step, and the history.
local function descend(batch_size, rate, steps)
  local model = mlp.Sequential { mlp.Dense(1) }:build { 1 }
  model:compile { loss = "mse", optimizer = mlp.SGD(rate) }
  model:set_weights { mlp.tensor { { -1.5 } }, mlp.tensor { 2.5 } }
  local path = { { -1.5, 2.5 } }
  local note = { on_batch_end = function(self)
    local w = self.model:get_weights()
    path[#path + 1] = { w[1]:item(), w[2]:item() }
    if #path > steps then self.model:stop_training() end
  end }
  return path, model:fit(data, { epochs = steps, batch_size = batch_size, verbose = 0,
    callbacks = { note } })
end

--- How much a step turns from the one before: 1 - the mean cosine between them.
local function roughness(batch_size)
  local path, sum = descend(batch_size, 0.05, 120), 0
  for i = 3, #path do
    local ax, ay = path[i - 1][1] - path[i - 2][1], path[i - 1][2] - path[i - 2][2]
    local bx, by = path[i][1] - path[i - 1][1], path[i][2] - path[i - 1][2]
    local size = math.sqrt((ax * ax + ay * ay) * (bx * bx + by * by))
    sum = sum + (ax * bx + ay * by) / math.max(size, 1e-12)
  end
  return 1 - sum / (#path - 2)
end

local xs, ys = x:reshape(256):totable(), data.y:reshape(256):totable()
local function loss(w, b)
  local sum = 0
  for i = 1, 256, 4 do sum = sum + (ys[i] - w * xs[i] - b) ^ 2 end
  return sum / 64
end
local paths, labels = {}, { "batch 1", "batch 32", "all rows" }
for i, size in ipairs { 1, 32, "all" } do paths[i] = descend(size, 0.05, 120) end
mlp.plot.trajectories(loss, paths, { labels = labels, extent = { -2, 3, -1, 3 }, resolution = 60,
  xlabel = "slope", ylabel = "offset", title = "Gradient descent by batch size" })
  :save(mlp.out "batch_size.png")
print("wrote " .. mlp.out "batch_size.png")

mlp.claim { "batch 1 is rougher than batch 32", slide = "S14", expect = "> 0",
  measure = function() return roughness(1) - roughness(32) end }
mlp.claim { "batch 32 is rougher than all rows", slide = "S14", expect = "> 0",
  measure = function() return roughness(32) - roughness "all" end }
local _, full = descend("all", 0.05, 100)
local rises = 0
for i = 2, #full do rises = math.max(rises, full.loss[i] - full.loss[i - 1]) end
mlp.claim { "with all rows and a small rate the loss never rises", rises, "<= 1e-6",
  slide = "S14" }
