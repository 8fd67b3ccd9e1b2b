-- How to stop at the best fit: EarlyStopping, with 10000 epochs allowed.
-- The slide monitors 'val_acc'. The name is that of the metric: metrics = { "acc" } logs val_acc,
-- { "accuracy" } val_accuracy; here either name finds the other. validation_split = 0.2 is drawn
-- from all classes; Keras takes the last rows instead (validation_how = "tail").
--   mlprun experiments/early_stopping.lua
local mlp = require "mlp"

local function train(seed, monitor, patience)
  mlp.seed(seed)
  local data = mlp.datasets.moons { n = 200, noise = 0.35 }
  local model = mlp.Sequential { mlp.Dense { 64, "relu" }, mlp.Dense { 64, "relu" },
    mlp.Dense { 1, "sigmoid" } }
  model:compile { loss = "binary_crossentropy", optimizer = mlp.Adam(0.003),
    metrics = { "accuracy" } }
  local es = mlp.EarlyStopping { monitor = monitor, patience = patience }
  local history = model:fit(data, { validation_split = 0.2, epochs = 10000, callbacks = { es },
    verbose = 0 })
  return history, model
end

local slide = train(mlp.seed(), "val_acc", 3)
print(("val_acc, patience 3: stopped after %d of 10000 epochs, best %d"):format(
  slide.stopped_epoch, slide.best_epoch))
local history = train(mlp.seed(), "val_loss", 20)
print(("val_loss, patience 20: stopped after %d, best %d"):format(history.stopped_epoch,
  history.best_epoch))
history:plot():save(mlp.out "early_stopping.png")
print("wrote " .. mlp.out "early_stopping.png")

local function claim(slide_row, text, measure, expect)
  mlp.claim(text, { slide = slide_row, measure = measure, expect = expect })
end
claim("S41", "it stops long before 10000", function(seed)
  return #train(seed, "val_acc", 3)
end, "< 500")
claim("S41, T14", "val_acc finds the metric 'accuracy'", function(seed)
  return train(seed, "val_acc", 3).stop_reason == "early_stopping"
end, true)
claim("S41", "it stops patience epochs after the best", function(seed)
  local h = train(seed, "val_loss", 20)
  return h.stopped_epoch - h.best_epoch
end, "== 20")
claim("S42", "the best epoch is the lowest point of val_loss", function(seed)
  local h, lowest = train(seed, "val_loss", 20), 1
  for epoch, v in ipairs(h.val_loss) do if v < h.val_loss[lowest] then lowest = epoch end end
  return lowest == h.best_epoch
end, true)
-- Floor of 10 * (1 - 0.9) is 0 in floating point: Keras would train on no row (T18). Here it is 1.
claim("T18", "a split of 0.9 leaves one row of ten", #(mlp.dataset { x = mlp.rand(10, 1),
  y = mlp.rand(10, 1) }:split { test = 0.9 }), "== 1")
