-- How to choose the learning rate: a sweep from 1e-5 to 10.
-- Too small takes ages; too large, and the loss "shoots up to the sky": fit then stops and says in
-- which epoch. mlp.lr_find looks for a good one in a hundred steps.
--   mlprun experiments/learning_rate.lua
local mlp = require "mlp"

local data = mlp.datasets.friedman { n = 600, noise = 1, seed = 1 }
data = mlp.data.StandardScaler():fit_transform(data)

local function network(rate)
  local hidden = mlp.Dense { 16, "relu", kernel_initializer = "he_uniform" }
  return mlp.Sequential { hidden, mlp.Dense(1) }:compile { loss = "mse", optimizer = mlp.SGD(rate) }
end

--- The history of 30 epochs, and the last loss; infinite where it diverged.
local function train(rate)
  local history = network(rate):fit(data, { epochs = 30, verbose = 0 })
  local loss = history.loss[#history]
  if history.stop_reason then loss = math.huge end
  return history, loss
end

local fig = mlp.plot.figure { cols = 2, title = "SGD on Friedman's function" }
local rates, losses = {}, {}
for i, rate in ipairs { 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10 } do
  mlp.seed(mlp.seed())
  local history, loss = train(rate)
  print(("rate %-6g loss %-8.4g %s"):format(rate, loss, history.stop_reason or ""))
  if loss < 1e4 then
    rates[#rates + 1], losses[#losses + 1] = rate, loss
    fig:panel(1, 1):line(nil, history.loss, { label = ("%g"):format(rate) })
  else
    fig:panel(1, 2):vline(rate, { color = "C1", dash = "dashed",
      label = i == 7 and "diverged" or nil })
  end
end
fig:panel(1, 1):set { xlabel = "epoch", ylabel = "loss", yscale = "log" }
fig:panel(1, 2):line(rates, losses, { marker = "circle" }):set { xlabel = "learning rate",
  ylabel = "loss after 30 epochs", xscale = "log", yscale = "log", xlim = { 5e-6, 20 } }
fig:save(mlp.out "learning_rate.png")
local found = mlp.lr_find(network(0.01), data)
found:plot():save(mlp.out "learning_rate_find.png")
print(("lr_find suggests %.2g"):format(found.suggestion))
print("wrote " .. mlp.out "learning_rate.png" .. " and " .. mlp.out "learning_rate_find.png")

mlp.claim("rate 1e-5 takes ages: 30 epochs leave most of the loss", { slide = "S18", seeds = 5,
  expect = "> 10", measure = function() return (select(2, train(1e-5))) end })
mlp.claim("rate 0.01 has learned by then", { slide = "S18", seeds = 5, expect = "< 8",
  measure = function() return (select(2, train(0.01))) end })
mlp.claim("rate 10 diverges, and fit says so", { slide = "S18", seeds = 5, expect = true,
  measure = function() return (train(10).stop_reason or ""):find "non%-finite" ~= nil end })
