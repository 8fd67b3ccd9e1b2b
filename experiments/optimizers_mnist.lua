-- Optimizers on digits: which trains in a shorter time without penalizing the accuracy?
-- MNIST from $MLPRUN_DATA/mnist or --data DIR; without it the program draws digits of its own.
--   mlprun experiments/optimizers_mnist.lua [--data DIR] [--epochs 8]
local mlp = require "mlp"
local args = mlp.args { data = "", epochs = 8 }

local train, test = mlp.datasets.mnist { dir = args.data, drawn = 3000 }
train, test = train:rows(1, math.min(6000, #train)), test:rows(1, math.min(2000, #test))

local optimizers = {
  { "SGD", function() return mlp.SGD(0.01) end },
  { "momentum", function() return mlp.SGD { learning_rate = 0.01, momentum = 0.9 } end },
  { "Nesterov", function()
    return mlp.SGD { learning_rate = 0.01, momentum = 0.9, nesterov = true }
  end },
  { "RMSprop", function() return mlp.RMSprop(0.001) end },
  { "Adam", function() return mlp.Adam(0.001) end },
}

--- A training with optimizer i: history, seconds, accuracy, and the first epoch with 85 %.
local run = mlp.memoize(function(i, seed)
  mlp.seed(seed)
  local model = mlp.Sequential { mlp.Dense { 64, "relu", kernel_initializer = "he_uniform" },
    mlp.Dense { 10, "softmax" } }:compile { loss = "sparse_categorical_crossentropy",
    optimizer = optimizers[i][2](), metrics = { "accuracy" } }
  local clock = os.clock()
  local history = model:fit(train, { epochs = args.epochs, validation_data = test, verbose = 0 })
  local r = { history = history, seconds = os.clock() - clock, epochs = args.epochs + 1 }
  for epoch = #history, 1, -1 do
    if history.val_accuracy[epoch] >= 0.85 then r.epochs = epoch end
  end
  r.accuracy = history.val_accuracy[#history]
  return r
end)

local histories, labels = {}, {}
for i, o in ipairs(optimizers) do
  local r = run(i, mlp.seed())
  histories[i], labels[i] = r.history, o[1]
  print(("%-10s epochs to 85 %%: %d   seconds %.2f   accuracy %.3f"):format(o[1], r.epochs,
    r.seconds, r.accuracy))
end
local fig = mlp.plot.figure { cols = 2 }
mlp.plot.runs(histories, { labels = labels, metric = "loss", log = true, panel = fig:panel(1, 1) })
mlp.plot.runs(histories, { labels = labels, metric = "val_accuracy", panel = fig:panel(1, 2),
  legend = false })
fig:save(mlp.out "optimizers_mnist.png")
print("wrote " .. mlp.out "optimizers_mnist.png")

mlp.claim { "epochs that Adam takes to 85 %", slide = "S62", expect = "<= 4",
  measure = function(seed) return run(5, seed).epochs end }
mlp.claim { "momentum is faster than SGD", slide = "S62", expect = "< 0",
  measure = function(seed) return run(2, seed).epochs - run(1, seed).epochs end }
mlp.claim { "Adam loses no accuracy to SGD", slide = "S62", expect = ">= 0",
  measure = function(seed) return run(5, seed).accuracy - run(1, seed).accuracy end }
