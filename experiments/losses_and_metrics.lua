-- Losses and metrics: what training minimizes, and what you judge by.
-- Golden numbers by hand: y = (1, 2, 4), prediction (1, 3, 1), so errors 0, -1, 3.
-- Wrong on the slide: its cross-entropies are sums; Keras and this program take the mean over rows.
--   mlprun experiments/losses_and_metrics.lua
local mlp = require "mlp"

--- The loss of predictions p for y: a model that passes its input on, judged as any other.
local function loss(kind, y, p)
  local pass = mlp.Sequential { mlp.Activation "linear" }:compile { loss = kind, metrics = {} }
  return pass:evaluate({ x = p, y = y }).loss
end
local function column(...)
  local rows = {}
  for i, v in ipairs { ... } do rows[i] = { v } end
  return mlp.tensor(rows, { dtype = "float64" })
end

local y, p = column(1, 2, 4), column(1, 3, 1)
local mae, mse = loss("mean_absolute_error", y, p), loss("mean_squared_error", y, p)
local rmse = loss("root_mean_squared_error", y, p)
print(("MAE %.6f, MSE %.6f, RMSE %.6f"):format(mae, mse, rmse))

-- Cross-entropy: minus the logarithm of the probability that the right class got.
local bce = loss("binary_crossentropy", column(1, 0), column(0.8, 0.4))
local wrong = loss("binary_crossentropy", column(1), column(0)) -- sure, and wrong: clipped at 1e-7

-- Accuracy counts all rows alike; precision, recall and F1 look at the positive class.
local truth = mlp.tensor({ 2, 2, 2, 1, 2, 2, 1, 1, 1, 1 }, { dtype = "int64" })
local said = mlp.tensor({ 2, 2, 2, 2, 1, 1, 1, 1, 1, 1 }, { dtype = "int64" })
local counts = mlp.metrics.confusion_matrix(truth, said)
print("confusion: true class by row, predicted by column", counts)
print(mlp.metrics.classification_report(truth, said, { class_names = { "no", "yes" } }))
local tp, fp, fn, tn = counts[2][2]:item(), counts[1][2]:item(), counts[2][1]:item(),
  counts[1][1]:item()
local precision, recall = tp / (tp + fp), tp / (tp + fn)

local fig = mlp.plot.figure { cols = 2, title = "Losses of one row" }
local errors, square, absolute, probability, entropy = {}, {}, {}, {}, {}
for i = 1, 101 do
  errors[i] = (i - 51) / 20
  square[i], absolute[i] = errors[i] ^ 2, math.abs(errors[i])
  probability[i] = math.max(i - 1, 0.2) / 100
  entropy[i] = -math.log(probability[i])
end
fig:panel(1, 1):line(errors, square, { label = "square" }):line(errors, absolute,
  { label = "absolute" }):set { xlabel = "error", ylabel = "loss" }
fig:panel(1, 2):line(probability, entropy)
  :set { xlabel = "probability of the right class", ylabel = "cross-entropy" }
fig:save(mlp.out "losses_and_metrics.png")
print("wrote " .. mlp.out "losses_and_metrics.png")

local function claim(slide, text, value, expect)
  mlp.claim(text, { slide = slide, measure = value, expect = expect })
end
claim("S8", "MAE is 4/3", mae, "1.3333333333 +- 1e-9")
claim("S8", "MSE is 10/3", mse, "3.3333333333 +- 1e-9")
claim("S8", "RMSE is 1.825742, and may be a loss too", rmse, "1.825742 +- 5e-7")
claim("S9", "binary cross-entropy, by the formula", bce - (-math.log(0.8) - math.log(0.6)) / 2,
  "0 +- 1e-9")
claim("S9, T5", "the slide's sum is twice the mean of two rows", 2 * bce, "0.733969 +- 5e-7")
claim("S9", "sure and wrong is finite: -ln 1e-7", wrong, "16.118096 +- 5e-7")
claim("S10", "precision of TP 3, FP 1, FN 2, TN 4", precision, "0.75 +- 1e-12")
claim("S10", "recall", recall, "0.6 +- 1e-12")
claim("S10", "F1", 2 * precision * recall / (precision + recall), "0.666667 +- 5e-7")
claim("S10", "accuracy", (tp + tn) / 10, "0.7 +- 1e-12")

-- One criterion made of several: F(time, memory, accuracy), a function of what is logged.
local function composed(log) return log.accuracy - 0.1 * log.seconds - log.weights / 1e5 end
claim("S7", "small and quick beats slightly better",
  composed { accuracy = 0.97, seconds = 0.2, weights = 600 }
  > composed { accuracy = 0.98, seconds = 2, weights = 9000 }, true)

-- As a metric of its own it is logged each epoch, and a training may stop by it.
mlp.Metric { name = "worth", larger_is_better = true,
  logs = function(log) return log.val_accuracy - 0.1 * log.time_s - log.params / 1e5 end }
mlp.claim("epochs of 500 until the criterion gets no better", { slide = "S7", expect = "< 500",
  measure = function()
    local model = mlp.Sequential { mlp.Dense { 8, "tanh" }, mlp.Dense { 1, "sigmoid" } }
    model:compile { loss = "binary_crossentropy", metrics = { "accuracy", "worth" } }
    return #model:fit(mlp.datasets.moons { n = 200 }, { epochs = 500, validation_split = 0.2,
      verbose = 0, callbacks = { mlp.EarlyStopping { monitor = "worth", patience = 5 } } })
  end })
