-- The tuner script of the lecture (S73 to S78), line for line. It has the slide's mistakes, and
-- the run says so: the tuned learning rate is never used (T21), the last layer has no softmax
-- (T15), the early stop cannot stop the short rounds, nor are 50 epochs used (T16). tuner.lua is it
-- mended.
--   mlprun experiments/tuner_slide.lua [--data DIR] [--n 60000] [--jobs 2]
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

local function model_builder(hp)
  local model = mlp.Sequential {
    mlp.Flatten(),
    mlp.Dense { units = hp:Int("units", { min_value = 32, max_value = 512, step = 32 }),
      activation = "relu" },
    mlp.Dense(10),
  }
  local _ = hp:Choice("learning_rate", { values = { 1e-2, 1e-3, 1e-4 } })
  model:compile { optimizer = "adam", loss = "categorical_crossentropy", metrics = { "accuracy" } }
  return model
end

local tuner = mlp.tune.Hyperband(model_builder, {
  objective = "val_accuracy", max_epochs = 10, factor = 3, directory = mlp.out "tuner",
  project_name = "slide", overwrite = true, n_jobs = args.jobs,
})
local stop_early = mlp.EarlyStopping { monitor = "val_loss", patience = 5 }
tuner:search(train, { epochs = 50, validation_split = 0.2, callbacks = { stop_early } })

local best_hps = tuner:get_best_hyperparameters(1)[1]
print(("best: %d units, learning rate %g"):format(best_hps:get "units",
  best_hps:get "learning_rate"))

local model = tuner.hypermodel.build(best_hps)
model:fit(train, { epochs = best_hps:get "tuner/epochs", validation_split = 0.2, verbose = 0 })
print(("test accuracy %.4f"):format(model:evaluate(test).accuracy))

local epochs = 0 -- of each trial those after the ones that it goes on from
for _, trial in ipairs(tuner.study:trials()) do
  epochs = epochs + trial.user_attrs["tuner/epochs"] - trial.user_attrs["tuner/initial_epoch"]
end
mlp.claim("its trials", { slide = "S75", expect = "== 30", measure = #tuner.study:trials() })
mlp.claim("their epochs", { slide = "S75", expect = "== 120", measure = epochs })
mlp.claim("the learning rate changes no model", { slide = "S73", expect = "== 1",
  measure = #tuner:unread() })
