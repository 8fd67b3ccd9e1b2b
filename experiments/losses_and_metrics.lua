-- Losses and metrics: what training minimizes, and what you judge by.
-- Golden numbers by hand: y = (1, 2, 4), prediction (1, 3, 1), so errors 0, -1, 3.
-- Wrong on the slide: its cross-entropies are sums; Keras and this program take the mean over rows.
--   mlprun experiments/losses_and_metrics.lua
local mlp = require "mlp"

local function column(...) return mlp.tensor({ ... }, { dtype = "float64" }):reshape(-1, 1) end
--- The loss of predictions p for y: a model that passes its input on, judged as any other.
local function loss(kind, y, p)
  local pass = mlp.Sequential { mlp.Activation "linear" }:compile { loss = kind, metrics = {} }
  return pass:evaluate({ x = p, y = y }).loss
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
counts = counts:totable()
local tn, fp, fn, tp = counts[1][1], counts[1][2], counts[2][1], counts[2][2]
local precision, recall = tp / (tp + fp), tp / (tp + fn)

local error = mlp.linspace(-2.5, 2.5, 101)
local probability = mlp.linspace(0.002, 1, 101)
local fig = mlp.plot.figure { cols = 2, title = "Losses of one row" }
fig:panel(1, 1):line(error, error ^ 2, { label = "square" })
  :line(error, error:abs(), { label = "absolute" }):set { xlabel = "error", ylabel = "loss" }
fig:panel(1, 2):line(probability, -probability:log())
  :set { xlabel = "probability of the right class", ylabel = "cross-entropy" }
fig:save(mlp.out "losses_and_metrics.png")
print("wrote " .. mlp.out "losses_and_metrics.png")

mlp.claim { "MAE is 4/3", mae, "1.3333333333 +- 1e-9", slide = "S8" }
mlp.claim { "MSE is 10/3", mse, "3.3333333333 +- 1e-9", slide = "S8" }
mlp.claim { "RMSE is 1.825742, and may be a loss too", rmse, "1.825742 +- 5e-7", slide = "S8" }
mlp.claim { "binary cross-entropy, by the formula", bce - (-math.log(0.8) - math.log(0.6)) / 2,
  "0 +- 1e-9", slide = "S9" }
mlp.claim { "the slide's sum is twice the mean of two rows", 2 * bce, "0.733969 +- 5e-7",
  slide = "S9, T5" }
mlp.claim { "sure and wrong is finite: -ln 1e-7", wrong, "16.118096 +- 5e-7", slide = "S9" }
mlp.claim { "precision of TP 3, FP 1, FN 2, TN 4", precision, "0.75 +- 1e-12", slide = "S10" }
mlp.claim { "recall", recall, "0.6 +- 1e-12", slide = "S10" }
mlp.claim { "F1", 2 * precision * recall / (precision + recall), "0.666667 +- 5e-7",
  slide = "S10" }
mlp.claim { "accuracy", (tp + tn) / 10, "0.7 +- 1e-12", slide = "S10" }
