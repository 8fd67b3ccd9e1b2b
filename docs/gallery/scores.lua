-- ROC, precision and recall, calibration and thresholds of a classifier.
local mlp = require "mlp"

local train, test = mlp.datasets.moons { n = 1200, noise = 0.35 }:split { test = 0.5 }
local model = mlp.Sequential { mlp.Dense { units = 16, activation = "relu" },
                               mlp.Dense { units = 1, activation = "sigmoid" } }
model:compile { optimizer = mlp.Adam { learning_rate = 0.01 }, loss = "binary_crossentropy" }
model:fit(train, { epochs = 40, verbose = 0 })
local p = model:predict_proba(test)
mlp.plot.roc(test.y, p):save(mlp.out "roc.png")
mlp.plot.precision_recall(test.y, p):save(mlp.out "precision_recall.png")
mlp.plot.calibration(test.y, p):save(mlp.out "calibration.png")
mlp.plot.thresholds(test.y, p):save(mlp.out "thresholds.png")
mlp.plot.confusion(mlp.metrics.confusion_matrix(test.y, p), { "upper", "lower" })
  :save(mlp.out "confusion.png")
