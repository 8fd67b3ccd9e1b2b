-- Twenty layers: the gradient vanishes with sigmoid, not with relu and He's initialization.
local mlp = require "mlp"

local data = mlp.datasets.moons { n = 200, noise = 0.1 }
local norms, labels = {}, {}
for _, recipe in ipairs { { "sigmoid", "glorot_uniform" }, { "tanh", "glorot_uniform" },
                          { "relu", "he_uniform" } } do
  local layers = {}
  for i = 1, 20 do
    layers[i] = mlp.Dense { units = 20, activation = recipe[1], kernel_initializer = recipe[2] }
  end
  layers[21] = mlp.Dense { units = 1, activation = "sigmoid" }
  local model = mlp.Sequential(layers)
  model:compile { loss = "binary_crossentropy" }
  local names, gradients = mlp.plot.layer_gradients(model, data)
  local row = {}
  for i in ipairs(names) do row[i] = math.sqrt((gradients[i] ^ 2):sum():item()) end
  norms[#norms + 1], labels[#labels + 1] = row, recipe[1]
end
mlp.plot.gradient_norms(norms, { labels = labels }):save(mlp.out "gradient_norms.png")
