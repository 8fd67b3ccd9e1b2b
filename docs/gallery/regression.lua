-- A fitted curve, predictions over true values, and what is left.
local mlp = require "mlp"

local x = mlp.rand(200, 1) * 6 - 3
local y = x:sin() + mlp.randn(200, 1) * 0.2
local model = mlp.Sequential { mlp.Dense { units = 32, activation = "tanh" }, mlp.Dense(1) }
model:compile { optimizer = mlp.Adam { learning_rate = 0.01 }, loss = "mean_squared_error" }
model:fit({ x = x, y = y }, { epochs = 150, verbose = 0 })
mlp.plot.regression(model, { x = x, y = y }):save(mlp.out "regression.png")
mlp.plot.predicted(y, model:predict(x)):save(mlp.out "predicted.png")
mlp.plot.residuals(y, model:predict(x)):save(mlp.out "residuals.png")
