-- Optimizers on digits: which trains in a shorter time without penalizing the accuracy?
-- MNIST from $MLPRUN_DATA/mnist or --data DIR; without it the program draws digits of its own.
--   mlprun experiments/optimizers_mnist.lua [--data DIR] [--epochs 8]
local mlp = require "mlp"
local args = mlp.args { data = "", epochs = 8 }

local function load_data()
  local root = os.getenv "MLPRUN_DATA"
  local dir = args.data ~= "" and args.data or root and root .. "/mnist"
  if not dir then
    return mlp.datasets.digits { n = 3000, seed = 1 }:split { test = 1 / 3, seed = 1 }
  end
  local train, test = mlp.datasets.mnist { dir = dir }
  return train:rows(1, 6000), test:rows(1, 2000)
end
local train, test = load_data()

local optimizers = {
  { "SGD", function() return mlp.SGD(0.01) end },
  { "momentum", function() return mlp.SGD { learning_rate = 0.01, momentum = 0.9 } end },
  { "Nesterov", function()
    return mlp.SGD { learning_rate = 0.01, momentum = 0.9, nesterov = true }
  end },
  { "RMSprop", function() return mlp.RMSprop(0.001) end },
  { "Adam", function() return mlp.Adam(0.001) end },
}

local done = {}
local function run(i, seed)
  local key = i .. " " .. seed
  if done[key] then return done[key] end
  mlp.seed(seed)
  local model = mlp.Sequential { mlp.Dense { 64, "relu", kernel_initializer = "he_uniform" },
    mlp.Dense { 10, "softmax" } }:compile { loss = "sparse_categorical_crossentropy",
    optimizer = optimizers[i][2](), metrics = { "accuracy" } }
  local clock = os.clock()
  local history = model:fit(train, { epochs = args.epochs, validation_data = test, verbose = 0 })
  done[key] = { history = history, seconds = os.clock() - clock }
  return done[key]
end

--- The first epoch with a validation accuracy of at least 0.85; one more than there were if none.
local function epochs_to(history, level)
  for epoch, v in ipairs(history.val_accuracy) do if v >= level then return epoch end end
  return #history + 1
end

local histories, labels, rows = {}, {}, {}
for i, o in ipairs(optimizers) do
  local r = run(i, mlp.seed())
  histories[i], labels[i] = r.history, o[1]
  local last = r.history[-1]
  rows[i] = { o[1], tostring(epochs_to(r.history, 0.85)), ("%.2f"):format(r.seconds),
    ("%.3f"):format(last.val_accuracy) }
  print(("%-10s epochs to 85 %%: %s   seconds %s   accuracy %s"):format(table.unpack(rows[i])))
end
local fig = mlp.plot.figure { cols = 2 }
mlp.plot.runs(histories, { labels = labels, metric = "loss", log = true, panel = fig:panel(1, 1) })
mlp.plot.runs(histories, { labels = labels, metric = "val_accuracy", panel = fig:panel(1, 2),
  legend = false })
fig:save(mlp.out "optimizers_mnist.png")
print("wrote " .. mlp.out "optimizers_mnist.png")

local function epochs(i)
  return function(seed) return epochs_to(run(i, seed).history, 0.85) end
end
local function accuracy(i)
  return function(seed) return run(i, seed).history[-1].val_accuracy end
end
mlp.claim("Adam reaches 85 % in few epochs", { slide = "S62", measure = epochs(5),
  expect = "<= 4" })
mlp.claim("momentum is faster than SGD", { slide = "S62", expect = "< 0",
  measure = function(seed) return epochs(2)(seed) - epochs(1)(seed) end })
mlp.claim("Adam loses no accuracy to SGD", { slide = "S62", expect = ">= 0",
  measure = function(seed) return accuracy(5)(seed) - accuracy(1)(seed) end })
