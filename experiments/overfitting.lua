-- Overfitting, and three things against it: less capacity, dropout, regularization.
-- 50 noisy points and two layers of 128: the training error goes to zero and the border frays.
--   mlprun experiments/overfitting.lua
local mlp = require "mlp"

local cases = {
  { "128 + 128 units", units = 128 }, { "4 + 4 units", units = 4 },
  { "dropout 0.5", units = 128, dropout = 0.5 },
  { "L2 0.01", units = 128, regularizer = mlp.regularizers.L2(0.01) },
}

--- One case trained on 50 points, judged on 1000 others; its loss, accuracy on both.
local train = mlp.memoize(function(i, seed)
  mlp.seed(seed)
  local c, loss = cases[i], "binary_crossentropy"
  local data, test = mlp.datasets.moons { n = 1050, noise = 0.35 }:split { test = 1000 / 1050 }
  local function dense()
    return mlp.Dense { c.units, "relu", kernel_regularizer = c.regularizer,
      kernel_initializer = "he_uniform" }
  end
  local drop = function() return mlp.Dropout(c.dropout or 0) end
  local model = mlp.Sequential { dense(), drop(), dense(), drop(), mlp.Dense { 1, "sigmoid" } }
    :compile { loss = loss, optimizer = mlp.Adam(0.01), metrics = { "accuracy", loss } }
  local history = model:fit(data, { epochs = 600, validation_data = test, verbose = 0 })
  local last = history[#history]
  return { model = model, test = test, history = history, accuracy = last.accuracy,
    val_accuracy = last.val_accuracy, loss = last["val_" .. loss], data = data }
end)

local fig = mlp.plot.figure { rows = 2, cols = 4, width = 15, height = 7 }
for i, c in ipairs(cases) do
  local run = train(i, mlp.seed())
  mlp.plot.decision_boundary(run.model, run.data, { panel = fig:panel(1, i), colorbar = false,
    size = 4, title = c[1], legend = false })
  fig:panel(2, i):line(nil, run.history.loss, { label = "train", dash = "dashed" })
    :line(nil, run.history.val_loss, { label = "validation" })
    :set { xlabel = "epoch", ylabel = "loss", ylim = { 0, 2 } }
  print(("%-14s train accuracy %.3f, validation %.3f, loss %.3f"):format(c[1], run.accuracy,
    run.val_accuracy, run.loss))
end
fig:save(mlp.out "overfitting.png")
print("wrote " .. mlp.out "overfitting.png")
print(train(1, mlp.seed()).model:why())

local function gain(i)
  return function(seed) return train(1, seed).loss - train(i, seed).loss end
end
mlp.claim { "a large net has almost no training error", slide = "S43", expect = ">= 0.98",
  measure = function(seed) return train(1, seed).accuracy end }
mlp.claim { "but is worse on new points", slide = "S43", expect = "> 0.05",
  measure = function(seed) return train(1, seed).accuracy - train(1, seed).val_accuracy end }
mlp.claim { "less capacity lowers the validation loss", gain(2), "> 0", slide = "S44, S47" }
mlp.claim { "dropout does", gain(3), "> 0", slide = "S46, S47" }
mlp.claim { "regularization does", gain(4), "> 0", slide = "S45, S47" }
mlp.claim { "why names it", slide = "S40", seeds = 3, expect = true, measure = function(seed)
  local finding = train(1, seed).model:why()[1]
  return finding ~= nil and finding.cause == "overfitting"
end }
