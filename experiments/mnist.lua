-- Handwritten digits: 784-128-10, Adam. Reads the four IDX files of MNIST from --data DIR or
-- $MLPRUN_DATA/mnist; without them it draws digits of its own.
--   mlprun experiments/mnist.lua --data DIR [--epochs 10] [--seed 1]
local mlp = require "mlp"
local args = mlp.args { data = "", epochs = 10, batch_size = 32, units = 128, lr = 1e-3 }

local train, test = mlp.datasets.mnist { dir = args.data, drawn = 12000 }
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

-- The training; what it confuses (row: the digit, column: what the model says); what the hidden
-- units look for; the mistakes it was surest of.
local counts = mlp.metrics.confusion_matrix(test.y, model:predict(test.x))
local figures = {
  history = history:plot(),
  confusion = mlp.plot.confusion(counts, test.class_names),
  weights = mlp.plot.weights(model, { title = "first-layer weights" }),
  mistakes = mlp.plot.misclassified(model, test, { n = 30, cols = 10 }),
}
for _, name in ipairs { "history", "confusion", "weights", "mistakes" } do
  local path = mlp.out("mnist-" .. name .. ".png")
  figures[name]:save(path)
  print("wrote " .. path)
end
print(("test accuracy %.4f"):format(model:evaluate(test).accuracy))
