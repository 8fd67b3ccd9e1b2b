-- The probability of the second class, its contour at 0.5 and the samples; and three classes.
local mlp = require "mlp"

local function trained(data, output)
  local model = mlp.Sequential { mlp.Dense { units = 16, activation = "relu" },
                                 mlp.Dense { units = 16, activation = "relu" }, output }
  model:compile { optimizer = mlp.Adam { learning_rate = 0.01 },
    loss = output.units == 1 and "binary_crossentropy" or "sparse_categorical_crossentropy" }
  model:fit(data, { epochs = 60, verbose = 0 })
  return model
end

local moons = mlp.datasets.moons { n = 300, noise = 0.2 }
mlp.plot.decision_boundary(trained(moons, mlp.Dense { units = 1, activation = "sigmoid" }), moons)
  :save(mlp.out "decision_boundary.png")
local blobs = mlp.datasets.blobs { n = 300, centers = 3 }
mlp.plot.decision_boundary(trained(blobs, mlp.Dense { units = 3, activation = "softmax" }), blobs)
  :save(mlp.out "three_classes.png")
