-- Cross-validation: k trainings, each validated on another k-th of the rows; mean and deviation.
--   mlprun experiments/cross_validation.lua
local mlp = require "mlp"

local data = mlp.datasets.moons { n = 300, noise = 0.3, seed = 1 }
local function network(units)
  return function()
    return mlp.Sequential { mlp.Dense { units, "relu", kernel_initializer = "he_uniform" },
      mlp.Dense { 1, "sigmoid" } }:compile { loss = "binary_crossentropy",
      optimizer = mlp.Adam(0.02), metrics = { "accuracy" } }
  end
end
local folds = mlp.model_selection.StratifiedKFold { n_splits = 5, shuffle = true }

local function score(units)
  return mlp.model_selection.cross_val_score(network(units), data, { cv = folds,
    scoring = "accuracy", fit = { epochs = 60, verbose = 0 } })
end

local scores, names = {}, {}
for i, units in ipairs { 1, 4, 32 } do
  scores[i], names[i] = score(units), ("%d units"):format(units)
  print(names[i], scores[i])
end
local fig = mlp.plot.figure { cols = 2, width = 11, height = 4 }
mlp.plot.folds(folds, data, { panel = fig:panel(1, 1) })
mlp.plot.fold_scores(scores, { panel = fig:panel(1, 2), names = names, ylabel = "accuracy" })
fig:save(mlp.out "cross_validation.png")
print("wrote " .. mlp.out "cross_validation.png")

local tested = {}
for _, test in folds:split(data) do
  for _, row in ipairs(test.totable and test:totable() or test) do
    tested[row] = (tested[row] or 0) + 1
  end
end
local once = true
for row = 1, #data do once = once and tested[row] == 1 end
mlp.claim("each row is tested exactly once", { slide = "S80", measure = once, expect = true })
mlp.claim("five folds give five scores", { slide = "S80", measure = #scores[1], expect = "== 5" })
mlp.claim("32 units do better than 1", { slide = "S80", seeds = 5, expect = "> 0",
  measure = function() return score(32).mean - score(1).mean end })
