-- The vanishing gradient: every figure of the lecture on one sheet. Networks of 8 units a layer on
-- two circles; what they learned, their loss, and the gradient in each layer before training.
-- The slides tell neither width nor learning rate, and both matter: at rate 0.002 twenty layers of
-- tanh train with 10 units a layer, seldom with 8; at 0.01 ten of 8 train in every third run only.
--   mlprun experiments/vanishing_gradient.lua
local mlp = require "mlp"

local uniform = mlp.initializers.RandomUniform { minval = -0.5, maxval = 0.5 } -- Keras's: 0.05
local he, glorot = "he_uniform", "glorot_uniform"
local cases = { -- a name, depth, activation, initializers of hidden layers and of the output
  { "1 tanh", 1, "tanh", uniform, uniform }, { "3 tanh", 3, "tanh", uniform, uniform },
  { "10 tanh", 10, "tanh", uniform, uniform }, { "20 tanh", 20, "tanh", uniform, uniform },
  { "10 sigmoid", 10, "sigmoid", uniform, uniform },
  { "10 relu, he", 10, "relu", he, glorot }, { "20 relu, he", 20, "relu", he, glorot },
  { "residual 20 relu", 20, "relu", uniform, uniform, residual = true },
  { "norm 20 tanh", 20, "tanh", uniform, uniform, norm = true },
  { "residual + norm 20 tanh", 20, "tanh", uniform, uniform, norm = true, residual = true },
  { "residual + norm 20 relu, he", 20, "relu", he, glorot, norm = true, residual = true },
}

--- The network of case i with a seed, its data, and the length of the gradient in each layer before
--- training: of its bias, or of batch normalization's beta, behind which a bias is idle.
local made = mlp.memoize(function(i, seed)
  mlp.seed(seed)
  local c, x = cases[i], mlp.Input { 2 }
  local hidden = mlp.hidden_layers(x, { depth = c[2], units = 8, activation = c[3],
    kernel_initializer = c[4], batch_normalization = c.norm, residual = c.residual })
  local output = mlp.Dense { 1, "sigmoid", kernel_initializer = c[5] }
  local model = mlp.Model { inputs = x, outputs = output(hidden) }:compile {
    optimizer = mlp.Adam(0.005), loss = "binary_crossentropy", metrics = { "accuracy" } }
  local data, test = mlp.datasets.circles { n = 980, noise = 0.1 }:split { test = 480 / 980 }
  return { model = model, data = data, test = test,
    norms = mlp.check.gradients(model, data).by_layer }
end)
local trained = mlp.memoize(function(i, seed)
  local run = made(i, seed)
  run.history = run.model:fit(run.data, { epochs = 200, verbose = 0 })
  run.accuracy = run.model:evaluate(run.test).accuracy
  return run
end)

local sheet = {}
for i, c in ipairs(cases) do
  local run = trained(i, mlp.seed())
  sheet[i] = { title = ("%s: %.3f"):format(c[1], run.accuracy), model = run.model,
    data = run.test, history = run.history, gradients = run.norms }
end
mlp.plot.contact_sheet(sheet):save(mlp.out "vanishing_gradient.png")
print("wrote " .. mlp.out "vanishing_gradient.png")

local function accuracy(i) return function(seed) return trained(i, seed).accuracy end end
--- Gradient in the first layer of case a, as a multiple of that of case b.
local function ratio(a, b)
  return function(seed) return made(a, seed).norms[1] / made(b, seed).norms[1] end
end
mlp.claim { "1 hidden layer of tanh trains", accuracy(1), ">= 0.95", slide = "S21" }
mlp.claim { "3 hidden layers of tanh train", accuracy(2), ">= 0.95", slide = "S22" }
mlp.claim { "10 hidden layers of tanh train", accuracy(3), ">= 0.95", slide = "S23" }
mlp.claim { "their first gradient is below half", ratio(3, 1), "< 0.5", slide = "S23", seeds = 31 }
mlp.claim { "20 hidden layers of tanh do not train", accuracy(4), "<= 0.7", slide = "S24" }
mlp.claim { "their gradient vanishes", ratio(4, 1), "< 0.05", slide = "S24", seeds = 31 }
mlp.claim { "10 of relu with he_uniform train", accuracy(6), ">= 0.95", slide = "S25" }
mlp.claim { "20 of relu with he_uniform train", accuracy(7), ">= 0.95", slide = "S26" }
mlp.claim { "their gradient is ten times tanh's", ratio(7, 4), ">= 10", slide = "S26", seeds = 31 }
mlp.claim { "20 of residual relu train, by Adam", accuracy(8), ">= 0.95", slide = "S27" }
mlp.claim { "but the gradient explodes", ratio(8, 1), "> 100", slide = "S27", seeds = 31 }
mlp.claim { "20 of normalized tanh train", accuracy(9), ">= 0.85", slide = "S28" }
mlp.claim { "20 residual ones too", accuracy(10), ">= 0.95", slide = "S29" }
mlp.claim { "and those of relu", accuracy(11), ">= 0.95", slide = "S30" }
mlp.claim { "10 layers of sigmoid do not train", accuracy(5), "<= 0.7", slide = "S31" }
mlp.claim { "sigmoid: gradient of layer 1 over that of layer 10", function(seed)
  local norms = made(5, seed).norms
  return norms[1] / norms[10]
end, "< 1e-5", slide = "S31", seeds = 31 }
