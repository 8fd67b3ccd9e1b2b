-- A large learning rate at the beginning, a small one near the minimum: schedules.
-- The noise of mini-batches keeps a large constant rate away from the minimum; a small one is slow.
--   mlprun experiments/schedules.lua
local mlp = require "mlp"

local STEPS <const> = 40 * 19 -- epochs times iterations
local data = mlp.data.StandardScaler():fit_transform(
  mlp.datasets.friedman { n = 600, noise = 1, seed = 1 })
local rates = {
  { "constant, large", function() return 0.1 end },
  { "constant, small", function() return 0.001 end },
  { "steps", function()
    return mlp.schedules.PiecewiseConstantDecay { boundaries = { STEPS // 2, STEPS * 3 // 4 },
      values = { 0.1, 0.02, 0.004 } }
  end },
  { "cosine", function()
    return mlp.schedules.CosineDecay { initial_learning_rate = 0.1, decay_steps = STEPS }
  end },
}

--- The history with one of those rates.
local train = mlp.memoize(function(i, seed)
  mlp.seed(seed)
  local model = mlp.Sequential { mlp.Dense { 16, "tanh" }, mlp.Dense(1) }
    :compile { loss = "mse", optimizer = mlp.SGD(rates[i][2]()) }
  return model:fit(data, { epochs = 40, verbose = 0 })
end)

local histories, labels = {}, {}
for i, rate in ipairs(rates) do
  histories[i], labels[i] = train(i, mlp.seed()), rate[1]
  print(("%-16s loss %.4f"):format(rate[1], histories[i].loss[40]))
end
local fig = mlp.plot.figure { cols = 2 }
mlp.plot.runs(histories, { labels = labels, metric = "loss", log = true, panel = fig:panel(1, 1) })
for i = 3, 4 do fig:panel(1, 2):line(nil, histories[i].learning_rate, { label = labels[i] }) end
fig:panel(1, 2):set { xlabel = "epoch", ylabel = "learning rate" }
fig:save(mlp.out "schedules.png")
print("wrote " .. mlp.out "schedules.png")

--- How much lower the loss ends than with the better constant.
local function gain(i)
  return function(seed)
    local function last(k) return train(k, seed).loss[40] end
    return math.min(last(1), last(2)) - last(i)
  end
end
mlp.claim("steps end lower than either constant", { slide = "S19", measure = gain(3),
  expect = "> 0" })
mlp.claim("a cosine does too", { slide = "S19", measure = gain(4), expect = "> 0" })
mlp.claim("the history has the learning rate", { slide = "S19", seeds = 1,
  expect = "0.004 +- 1e-6", measure = function(seed) return train(3, seed).learning_rate[40] end })
