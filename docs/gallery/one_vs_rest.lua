-- Each of three classes against the rest, and the shares of the confusion matrix.
local mlp = require "mlp"

local data = mlp.datasets.blobs { n = 900, centers = 3, cluster_std = 2.5 }
local train, test = data:split { test = 0.5 }
local model = mlp.Sequential { mlp.Dense { units = 16, activation = "relu" },
                               mlp.Dense { units = 3, activation = "softmax" } }
model:compile { optimizer = "adam", loss = "sparse_categorical_crossentropy" }
model:fit(train, { epochs = 30, verbose = 0 })
local p = model:predict_proba(test)
mlp.plot.roc(test.y, p, { names = test.class_names }):save(mlp.out "one_vs_rest.png")
mlp.plot.confusion(mlp.metrics.confusion_matrix(test.y, p), test.class_names, { normalize = true })
  :save(mlp.out "confusion_shares.png")
