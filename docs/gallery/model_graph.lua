-- The layers of a model with a connection that skips two of them.
local mlp = require "mlp"

local x = mlp.Input { 2 }
local a = mlp.Dense { units = 64, activation = "relu", name = "wide" }(x)
local b = mlp.Dropout { rate = 0.2 }(a)
local c = mlp.Dense { units = 64, activation = "relu", name = "deep" }(b)
local y = mlp.Dense { units = 1, activation = "sigmoid" }(c + a)
local model = mlp.Model { inputs = x, outputs = y }
mlp.plot.model_graph(model):save(mlp.out "model_graph.png")
mlp.plot.table({ { "adam", 0.934, 12 }, { "sgd", 0.88, 40 }, { "rmsprop", 0.921, 15 } },
  { header = { "optimizer", "accuracy", "epochs" }, mark = 1 }):save(mlp.out "table.png")
