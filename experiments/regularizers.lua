-- Regularization: a cost on large weights. L2 adds lambda * sum of w^2, L1 lambda * sum of |w|.
-- There is no 1/2 and no 1/N in it, so L2's gradient is 2 * lambda * w. The cost on a layer's
-- output (activity_regularizer) is divided by the rows of the batch. Biases are free of both.
--   mlprun experiments/regularizers.lua
local mlp = require "mlp"

local L1, L2 = mlp.regularizers.L1, mlp.regularizers.L2

--- The penalty and its gradient on a layer of one input with weights 1 and -2.
local function penalty(regularizer)
  local layer = mlp.Dense { 2, use_bias = false, kernel_regularizer = regularizer }
  local model = mlp.Sequential { layer }:build { 1 }:compile { loss = "mse", optimizer = "sgd" }
  model:set_weights { mlp.tensor { { 1, -2 } } }
  local x = mlp.zeros(1, 1)
  local loss = model:loss(mlp.zeros(1, 2), model(x)) -- the data's share of the loss is 0
  loss:backward()
  return loss:item(), layer.kernel.grad:totable()[1]
end
local l2, slope2 = penalty(L2(0.01))
local l1, slope1 = penalty(L1(0.01))
print(("w = (1, -2): L2(0.01) costs %.4f, slopes %.2f %.2f; L1(0.01) costs %.4f, slopes %.2f %.2f")
  :format(l2, slope2[1], slope2[2], l1, slope1[1], slope1[2]))

-- The line of the slide: Dense(5, kernel_regularizer=L1(0.01), activity_regularizer=L2(0.01)).
local layer = mlp.Dense { units = 5, kernel_regularizer = L1(0.01),
  activity_regularizer = L2(0.01) }
local model = mlp.Sequential { layer }:build { 3 }:compile { loss = "mse", optimizer = "sgd" }
local x = mlp.randn(4, 3)
local y = model(x)
local expected = 0.01 * layer.kernel:detach():abs():sum():item()
  + 0.01 * y:detach():square():sum():item() / 4
local slide_line = model:loss(y:detach(), y):item()

-- What they do to weights: 2 useful features of 20.
local function fit(regularizer)
  mlp.seed(mlp.seed())
  local rows = mlp.randn(200, 20)
  local target = rows:slice(1, -1):matmul(mlp.concat({ mlp.ones(2, 1), mlp.zeros(18, 1) }, 1))
    + mlp.randn(200, 1) * 0.5
  local linear = mlp.Sequential { mlp.Dense { 1, kernel_regularizer = regularizer } }
    :compile { loss = "mse", optimizer = mlp.Adam(0.02) }
  linear:fit({ x = rows, y = target }, { epochs = 150, verbose = 0 })
  return linear.layers[1].kernel:detach():reshape(20)
end
local weights = { fit(), fit(L2(0.1)), fit(L1(0.1)) }
local fig, names = mlp.plot.figure { cols = 3, sharey = true }, { "none", "L2 0.1", "L1 0.1" }
for i, w in ipairs(weights) do
  fig:panel(1, i):bars(nil, w):set { title = names[i], xlabel = "weight" }
end
fig:save(mlp.out "regularizers.png")
print("wrote " .. mlp.out "regularizers.png")

--- The mean size of the 18 useless weights.
local function useless(w) return w:slice(3, 20):abs():mean():item() end
mlp.claim { "L2(0.01) of (1, -2) is 0.05", l2, "0.05 +- 1e-7", slide = "S52" }
mlp.claim { "its slope is 2 lambda w", slope2[2], "-0.04 +- 1e-7", slide = "S52" }
mlp.claim { "L1(0.01) of (1, -2) is 0.03", l1, "0.03 +- 1e-7", slide = "S58" }
mlp.claim { "the slide's line: L1 of weights + L2 of outputs / rows", slide_line - expected,
  "0 +- 1e-6", slide = "S57" }
mlp.claim { "the presets are 0.01 each", L1().l1 + L2().l2, "0.02 +- 1e-9", slide = "S58" }
mlp.claim { "L1 makes useless weights small: share of those without", slide = "S58",
  measure = useless(weights[3]) / useless(weights[1]), expect = "< 0.5" }
