-- Pictures: samples of a set of digits drawn by rule, the weights that see them, what went wrong.
local mlp = require "mlp"

-- Noisy bars and crosses of 8 x 8.
local function draw(kind)
  local cells, at = {}, math.random(2, 7)
  for r = 1, 8 do
    for c = 1, 8 do
      local on = kind == 1 and c == at or kind == 2 and r == at
        or kind == 3 and (r == c or r == 9 - c)
      local noisy = (on and 0.8 or 0.1) + (math.random() - 0.5) * 1.1
      cells[#cells + 1] = math.max(0, math.min(1, noisy))
    end
  end
  return cells
end
math.randomseed(1)
local x, y = {}, {}
for i = 1, 900 do
  y[i] = (i - 1) % 3 + 1
  x[i] = draw(y[i])
end
local data = mlp.dataset { x = mlp.tensor(x), y = mlp.tensor(y, { dtype = "int64" }),
                           class_names = { "upright", "level", "cross" } }
local train, test = data:split { test = 0.5 }
local model = mlp.Sequential { mlp.Dense { units = 12, activation = "relu" },
                               mlp.Dense { units = 3, activation = "softmax" } }
model:compile { optimizer = "adam", loss = "sparse_categorical_crossentropy" }
model:fit(train, { epochs = 15, verbose = 0 })
mlp.plot.samples(test, { n = 12, cols = 6 }):save(mlp.out "samples.png")
mlp.plot.weights(model):save(mlp.out "weights.png")
mlp.plot.misclassified(model, test, { n = 10, cols = 5 }):save(mlp.out "misclassified.png")
