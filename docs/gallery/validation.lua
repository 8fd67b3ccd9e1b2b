-- Learning and validation curves, folds and their scores.
local mlp = require "mlp"
local selection = mlp.model_selection

local data = mlp.datasets.moons { n = 300, noise = 0.3 }
local function build(params)
  local model = mlp.Sequential {
    mlp.Dense { units = params.units or 16, activation = "relu" },
    mlp.Dense { units = 1, activation = "sigmoid" },
  }
  return model:compile { optimizer = mlp.Adam { learning_rate = 0.02 },
                         loss = "binary_crossentropy", metrics = { "accuracy" } }
end
local fit = { epochs = 30, verbose = 0 }
mlp.plot.learning_curve(selection.learning_curve(build, data, { cv = 5, fit = fit }))
  :save(mlp.out "learning_curve.png")
mlp.plot.validation_curve(selection.validation_curve(build, data,
  { param_name = "units", param_range = { 1, 2, 4, 8, 16, 32 }, cv = 5, fit = fit }))
  :save(mlp.out "validation_curve.png")
local small = selection.cross_val_score(function() return build { units = 1 } end, data,
  { cv = 8, fit = fit })
local large = selection.cross_val_score(build, data, { cv = 8, fit = fit })
mlp.plot.fold_scores({ small, large }, { names = { "1 unit", "16 units" }, ylabel = "accuracy" })
  :save(mlp.out "fold_scores.png")
mlp.plot.folds(selection.StratifiedKFold { n_splits = 5 }, data):save(mlp.out "folds.png")
