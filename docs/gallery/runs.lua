-- Three learning rates, five seeds each: the median in a band of all runs.
local mlp = require "mlp"

local data = mlp.datasets.moons { n = 400, noise = 0.2, seed = 1 }
local runs, labels = {}, {}
for _, rate in ipairs { 0.003, 0.03, 0.3 } do
  for seed = 1, 5 do
    mlp.seed(seed)
    local model = mlp.Sequential { mlp.Dense { units = 8, activation = "tanh" },
                                   mlp.Dense { units = 1, activation = "sigmoid" } }
    model:compile { optimizer = mlp.SGD { learning_rate = rate, momentum = 0.9 },
                    loss = "binary_crossentropy" }
    runs[#runs + 1] = model:fit(data, { epochs = 40, validation_split = 0.25, verbose = 0 })
    labels[#labels + 1] = ("rate %g"):format(rate)
  end
end
mlp.plot.runs(runs, { labels = labels, band = true, log = true }):save(mlp.out "runs.png")
