-- objectives.lua DATA FOLDER: trains an MLP on iris and on the 8 x 8 digits (DATA/iris.csv,
-- DATA/digits_8x8.csv) at every point of a grid of 5 x 13 x 4 x 2 hyper-parameters, and writes the
-- validation losses to FOLDER/iris.txt and FOLDER/digits.txt: functions that samplers.lua and
-- samplers.py minimise, both the same.
local mlp = require "mlp"
local data, folder = arg[1], arg[2]

local function load(name, epochs)
  local set = mlp.datasets.csv(("%s/%s.csv"):format(data, name), { target = -1, classes = true })
  local x = set.x
  local deviation = (x - x:mean(1)):square():mean(1):sqrt() + 1e-6
  return { x = (x - x:mean(1)) / deviation, y = set.y, epochs = epochs, classes = set.n_classes }
end

local function loss(set, units, rate, batch, activation)
  mlp.seed(1)
  local model = mlp.Sequential {
    mlp.Dense { units = units, activation = activation },
    mlp.Dense { units = set.classes, activation = "softmax" },
  }
  model:compile { optimizer = mlp.Adam { learning_rate = rate },
    loss = "sparse_categorical_crossentropy" }
  local h = model:fit({ x = set.x, y = set.y }, { epochs = set.epochs, batch_size = batch,
    validation_split = 0.3, verbose = 0 })
  return h.val_loss[#h]
end

local function write(name, set)
  local file <close> = assert(io.open(("%s/%s.txt"):format(folder, name), "w"))
  for u = 1, 5 do
    for r = -16, -4 do
      for b = 3, 6 do
        for k, activation in ipairs { "relu", "tanh" } do
          local v = loss(set, 2 << u, 10 ^ (r / 4), 1 << b, activation)
          file:write(("%d %d %d %d %.9g\n"):format(u, r, b, k, v))
        end
      end
    end
  end
end

write("iris", load("iris", 20))
write("digits", load("digits_8x8", 5))
