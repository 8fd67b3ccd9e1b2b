-- One criterion: of two models, which is better? F(time, memory, accuracy) must be one number.
-- A metric may be a function of what is logged: time_s, params, bytes, and every other metric.
-- Training may then stop by it, and a search may look for it.
--   mlprun experiments/criterion.lua
local mlp = require "mlp"

mlp.Metric { name = "worth", larger_is_better = true,
  logs = function(log) return log.val_accuracy - 0.1 * log.time_s - log.params / 1e5 end }

--- Train until the criterion gets no better; the history.
local function train(units)
  local model = mlp.Sequential { mlp.Dense { units, "tanh" }, mlp.Dense { 1, "sigmoid" } }
  model:compile { loss = "binary_crossentropy", optimizer = mlp.Adam(0.02),
    metrics = { "accuracy", "worth" } }
  local stop = mlp.EarlyStopping { monitor = "worth", patience = 20 }
  return model:fit(mlp.datasets.moons { n = 400, noise = 0.2 }, { epochs = 500, verbose = 0,
    validation_split = 0.25, callbacks = { stop } })
end

local sizes, histories, labels = { 4, 16, 2000 }, {}, {}
for i, units in ipairs(sizes) do
  local h = train(units)
  local best = h.best_epoch
  histories[i], labels[i] = h, ("%d units"):format(units)
  print(("%4d units: accuracy %.3f, worth %.3f in epoch %d of %d"):format(units,
    h.val_accuracy[best], h.worth[best], best, #h))
end
local fig = mlp.plot.figure { cols = 2, title = "A better accuracy need not be worth more" }
mlp.plot.runs(histories, { labels = labels, metric = "val_accuracy", panel = fig:panel(1, 1) })
mlp.plot.runs(histories, { labels = labels, metric = "worth", panel = fig:panel(1, 2),
  legend = false })
fig:save(mlp.out "criterion.png")
print("wrote " .. mlp.out "criterion.png")

local function composed(log) return log.accuracy - 0.1 * log.seconds - log.weights / 1e5 end
mlp.claim { "small and quick beats slightly better", slide = "S7", expect = true,
  measure = composed { accuracy = 0.97, seconds = 0.2, weights = 600 }
    > composed { accuracy = 0.98, seconds = 2, weights = 9000 } }
mlp.claim { "epochs of 500 until the criterion gets no better", slide = "S7", expect = "< 500",
  measure = function() return #train(16) end }
