-- Handwritten digits: 784-128-10, Adam. Reads the four IDX files of MNIST from --data DIR or
-- $MLPRUN_DATA/mnist; without them it draws digits of its own.
--   mlprun experiments/mnist.lua --data DIR [--epochs 10] [--seed 1]
local mlp = require "mlp"
local args = mlp.args { data = "", epochs = 10, batch_size = 32, units = 128, lr = 1e-3 }

local function load_data()
  local root = os.getenv "MLPRUN_DATA"
  local dir = args.data ~= "" and args.data or root and root .. "/mnist"
  if dir then return mlp.datasets.mnist { dir = dir } end
  print "no MNIST (give --data DIR): drawing digits instead"
  return mlp.datasets.digits { n = 12000 }:split { test = 1 / 6 }
end

local train, test = load_data()
local model = mlp.Sequential {
  mlp.Dense { units = args.units, activation = "relu", kernel_initializer = "he_uniform" },
  mlp.Dense { units = 10, activation = "softmax" },
}
model:compile {
  optimizer = mlp.Adam { learning_rate = args.lr },
  loss = "sparse_categorical_crossentropy", metrics = { "accuracy" },
}
local history = model:fit(train, {
  epochs = args.epochs, batch_size = args.batch_size, validation_data = test,
})
history:plot():save(mlp.out "mnist-history.png")

-- What it confuses: row = the digit, column = what the model says.
local said, truth = model:predict(test.x):totable(), test.y:totable()
local counts = {}
for i = 1, 10 do
  counts[i] = {}
  for j = 1, 10 do counts[i][j] = 0 end
end
local wrong = {}
for i, digit in ipairs(truth) do
  counts[digit][said[i]] = counts[digit][said[i]] + 1
  if digit ~= said[i] then wrong[#wrong + 1] = i end
end
mlp.plot.confusion(counts, test.class_names):save(mlp.out "mnist-confusion.png")

-- What the first 40 hidden units look for.
local kernel, filters = model.layers[1].kernel:detach():t(), {}
for unit = 1, math.min(40, args.units) do filters[unit] = kernel[unit]:reshape(28, 28) end
mlp.plot.grid_images(filters, { cols = 10, diverging = true, title = "first-layer weights" })
  :save(mlp.out "mnist-weights.png")

-- The first mistakes, with truth and answer.
local images, captions = {}, {}
for i = 1, math.min(30, #wrong) do
  local row = wrong[i]
  images[i] = test.x[row]:reshape(28, 28)
  captions[i] = ("%s, said %s"):format(test.class_names[truth[row]], test.class_names[said[row]])
end
mlp.plot.grid_images(images, { cols = 10, titles = captions, title = "misclassified" })
  :save(mlp.out "mnist-mistakes.png")

local accuracy = model:evaluate(test).accuracy
print(("test accuracy %.4f (%d of %d wrong)"):format(accuracy, #wrong, #test))
for _, name in ipairs { "history", "confusion", "weights", "mistakes" } do
  print("wrote " .. mlp.out("mnist-" .. name .. ".png"))
end
