-- Capacity: how many hidden units are enough? The width is swept; each is judged on new points.
-- Too few cannot follow the data (underfitting); too many follow the noise (overfitting).
--   mlprun experiments/capacity.lua
local mlp = require "mlp"

local widths = { 1, 2, 4, 8, 16, 64, 256 }

--- Losses on 60 training points and on 1000 others.
local train = mlp.memoize(function(width, seed)
  mlp.seed(seed)
  local data, test = mlp.datasets.circles { n = 1060, noise = 0.2 }:split { test = 1000 / 1060 }
  local model = mlp.Sequential { mlp.Dense { width, "relu", kernel_initializer = "he_uniform" },
    mlp.Dense { 1, "sigmoid" } }
    :compile { loss = "binary_crossentropy", optimizer = mlp.Adam(0.03) }
  model:fit(data, { epochs = 300, verbose = 0 })
  return model:evaluate(data).loss, model:evaluate(test).loss
end)

local function median(list)
  table.sort(list)
  return list[(#list + 1) // 2]
end

local known, new, best = {}, {}, 1
for i, width in ipairs(widths) do
  local a, b = {}, {}
  for seed = 0, 4 do a[seed + 1], b[seed + 1] = train(width, seed) end
  known[i], new[i] = median(a), median(b)
  if new[i] < new[best] then best = i end
  print(("%4d units: training loss %.3f, new points %.3f"):format(width, known[i], new[i]))
end
local enough = best
for i = best, 1, -1 do if new[i] < 1.1 * new[best] then enough = i end end
print(("the smallest adequate width: %d"):format(widths[enough]))

local fig = mlp.plot.figure {}
fig:panel(1, 1)
  :line(widths, known, { label = "training points", dash = "dashed", marker = "circle" })
  :line(widths, new, { label = "new points", marker = "circle" })
  :vline(widths[enough], { dash = "dotted", label = ("adequate: %d"):format(widths[enough]) })
  :set { xscale = "log", xlabel = "hidden units", ylabel = "loss (median of 5)" }
fig:save(mlp.out "capacity.png")
print("wrote " .. mlp.out "capacity.png")

local function above_best(width)
  return function(seed)
    local least = math.huge
    for _, w in ipairs(widths) do least = math.min(least, (select(2, train(w, seed)))) end
    return (select(2, train(width, seed))) - least
  end
end
mlp.claim("1 unit underfits", { slide = "S44", measure = above_best(1), expect = "> 0.03" })
mlp.claim("256 units overfit", { slide = "S44", measure = above_best(256), expect = "> 0.03" })
mlp.claim("256 units fit the training points better than 1", { slide = "S44", expect = "> 0",
  measure = function(seed) return (train(1, seed)) - (train(256, seed)) end })
