-- Dropout: at each mini-batch other neurons are left out; what remains is scaled up to make up.
-- Wrong on the slide: it calls the parameter the probability of *training* a node, where 1.0 means
-- no dropout. That was TensorFlow 1. Keras, PyTorch and this program take the share that is
-- dropped; keep = 0.8 says the other. And today the scaling is done in training (inverted dropout),
-- not by smaller weights in the test: the expectation is the same.
--   mlprun experiments/dropout.lua
local mlp = require "mlp"

local x = mlp.ones(1, 10000)
local layer = mlp.Sequential { mlp.Dropout(0.3), mlp.Dropout(0) }
  :build { 10000 } -- the second does nothing: a model needs no weights
local dropped = layer(x, { training = true })
local zeros = dropped:eq(0):double():mean():item()
print(("rate 0.3: %.2f %% of 10000 are zero, the rest %.4f, their mean %.4f"):format(100 * zeros,
  dropped:max():item(), dropped:mean():item()))

-- A network of 20 hidden units: a mask for each of three mini-batches.
local fig, masks = mlp.plot.figure {}, {}
mlp.seed(mlp.seed())
local small = mlp.Sequential { mlp.Dense { 20, kernel_initializer = "ones" }, mlp.Dropout(0.5) }
  :compile { loss = "mse", optimizer = mlp.SGD(1e-9) }
for step = 1, 12 do
  masks[step] = small(mlp.ones(1, 1), { training = true }):gt(0):double():totable()[1]
  small:train_on_batch(mlp.ones(1, 1), mlp.ones(1, 20))
end
mlp.plot.heatmap(masks, { panel = fig:panel(1, 1), xlabel = "unit", ylabel = "mini-batch",
  colorbar = false, title = "Units that are trained (rate 0.5)" })
fig:save(mlp.out "dropout.png")
print("wrote " .. mlp.out "dropout.png")

local sigma = math.sqrt(0.3 * 0.7 / 10000)
mlp.claim { "share of zeros less the rate, in standard deviations", (zeros - 0.3) / sigma,
  "in [-3, 3]", slide = "S46" }
mlp.claim { "the mean is kept, in standard deviations", slide = "S46, T12", expect = "in [-3, 3]",
  measure = (dropped:mean():item() - 1) / (sigma / 0.7) }
mlp.claim { "in the test it changes no bit", layer(x):hash() == x:hash(), true, slide = "S46" }
mlp.claim { "each mini-batch has its own mask", slide = "S51", expect = true,
  measure = table.concat(masks[1], " ") ~= table.concat(masks[2], " ") }
mlp.claim { "keep = 0.8 is rate 0.2", mlp.Dropout { keep = 0.8 }.rate, "0.2 +- 1e-6",
  slide = "T11" }

-- A good value is 0.2 to 0.5; 0.8, meant as what is kept, drops four of five units, and says so.
local moons, test = mlp.datasets.moons { n = 600, noise = 0.2, seed = 3 }:split { test = 0.5 }
local function accuracy(rate)
  local model = mlp.Sequential { mlp.Dense { 16, "relu" }, mlp.Dropout(rate),
    mlp.Dense { 1, "sigmoid" } }
  model:compile { optimizer = mlp.Adam(0.01), loss = "binary_crossentropy",
    metrics = { "accuracy" } }
  model:fit(moons, { epochs = 40, verbose = 0 })
  return model:evaluate(test).accuracy
end
mlp.claim { "what rate 0.2 gains over rate 0.8", slide = "S56, T11", expect = ">= 0",
  measure = function() return accuracy(0.2) - accuracy(0.8) end }

-- Many masks on average give what the network without dropout gives (T12), where all is linear.
local linear = mlp.Sequential { mlp.Dropout(0.5), mlp.Dense(1) }:build { 64 }
local rows = mlp.randn(1, 64)
local many = mlp.zeros(20000, 64) + rows
mlp.claim { "the mean of 20,000 masks is the deterministic output", slide = "S51, T12",
  measure = linear(many, { training = true }):mean():item() - linear(rows):item(),
  expect = "0 +- 0.05" }
