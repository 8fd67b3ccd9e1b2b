-- The shortest: a network learns a circle within a circle, and draws how.
local mlp = require "mlp"
local data = mlp.datasets.circles { n = 1000, noise = 0.1 }
local model = mlp.Sequential { mlp.Dense { 8, "tanh" }, mlp.Dense { 1, "sigmoid" } }
model:compile { optimizer = mlp.Adam(0.02), loss = "binary_crossentropy", metrics = { "accuracy" } }
model:fit(data, { epochs = 60, validation_split = 0.2 }):plot():save "circles.png"
