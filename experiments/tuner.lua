-- The tuner script of the lecture, mended: softmax at the end, the tuned learning rate is used, and
-- the early stop is shorter than the long rounds (S73 to S79). Draws the search.
--   mlprun experiments/tuner.lua [--data DIR] [--n 60000] [--jobs 2]
-- DIR holds the four files of Fashion-MNIST; without it the digits are drawn.
local mlp = require "mlp"
local args = mlp.args { data = "", n = 10000, jobs = 2 }

local train, test
if args.data ~= "" then
  train, test = mlp.datasets.fashion_mnist { dir = args.data }
  if args.n < #train then train = train:split { test = 1 - args.n / #train } end
else
  train, test = mlp.datasets.digits { n = math.min(args.n, 2000) }:split { test = 0.25 }
end

local function build(hp)
  local model = mlp.Sequential {
    mlp.Flatten(),
    mlp.Dense { units = hp:Int("units", 32, 512, { step = 32 }), activation = "relu" },
    mlp.Dense { units = 10, activation = "softmax" },
  }
  model:compile {
    optimizer = mlp.Adam { learning_rate = hp:Choice("learning_rate", { 1e-2, 1e-3, 1e-4 }) },
    loss = "sparse_categorical_crossentropy", metrics = { "accuracy" },
  }
  return model
end

local tuner = mlp.tune.Hyperband(build, {
  objective = "val_accuracy", max_epochs = 10, factor = 3, directory = mlp.out "tuner",
  project_name = "mended", n_jobs = args.jobs,
})
tuner:search(train, { validation_split = 0.2 })
tuner:results_summary(3)

local best = tuner:get_best_hyperparameters(1)[1]
local model = tuner:get_best_models(1)[1]
local accuracy = model:evaluate(test).accuracy
print(("%d units, learning rate %g: test accuracy %.4f"):format(best:get "units",
  best:get "learning_rate", accuracy))

mlp.claim("inputs of 28 x 28 pixels", { slide = "S74", expect = "== 784",
  measure = model.layers[2].kernel.shape[1] })
mlp.claim("the best trial, trained again, gives the same bits", { slide = "S76, S77",
  expect = true, measure = tuner:best_trials(1)[1]:replay().equal })
local path = mlp.out "tuner/best.safetensors"
model:save(path)
mlp.claim("a model that was saved and loaded has its test accuracy", { slide = "S78",
  expect = "== 0", measure = mlp.load(path):evaluate(test).accuracy - accuracy })

for _, kind in ipairs { "history", "parallel_coordinate", "param_importances", "slice",
  "contour" } do
  tuner.study:plot(kind):save(mlp.out("tuner-" .. kind .. ".png"))
end
tuner.study:plot("curves", { metric = "val_accuracy" }):save(mlp.out "tuner-curves.png")
print("drawn: out/tuner-*.png")
