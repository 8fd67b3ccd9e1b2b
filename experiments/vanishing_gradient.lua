-- The vanishing gradient: every figure of the lecture on one sheet. Networks of 8 units a layer on
-- two circles; what they learned, their loss, and the gradient in each layer before training.
-- The slides tell neither width nor learning rate, and both matter: with 10 units twenty layers of
-- tanh still train, with 5 ten do not; at rate 0.01 ten train in every third run only.
--   mlprun experiments/vanishing_gradient.lua
local mlp = require "mlp"

local uniform = mlp.initializers.RandomUniform { minval = -0.5, maxval = 0.5 } -- Keras's: 0.05
local captions = {
  { "1 tanh", depth = 1 }, { "3 tanh", depth = 3 }, { "10 tanh", depth = 10 },
  { "20 tanh", depth = 20 }, { "10 sigmoid", depth = 10, activation = "sigmoid" },
  { "10 relu, he", depth = 10, activation = "relu", init = "he_uniform" },
  { "20 relu, he", depth = 20, activation = "relu", init = "he_uniform" },
  { "residual 20 relu", depth = 20, activation = "relu", residual = true },
  { "batch norm 20 tanh", depth = 20, norm = true },
  { "residual + norm 20 tanh", depth = 20, norm = true, residual = true },
  { "residual + norm 20 relu, he", depth = 20, activation = "relu", init = "he_uniform",
    norm = true, residual = true },
}

for _, c in ipairs(captions) do captions[c[1]] = c end

local function network(c)
  local x = mlp.Input { 2 }
  local h = x
  for i = 1, c.depth do
    local z = mlp.Dense { 8, kernel_initializer = c.init or uniform }(h)
    if c.norm then z = mlp.BatchNormalization()(z) end
    z = mlp.Activation(c.activation or "tanh")(z)
    h = c.residual and i > 1 and h + z or z
  end
  local output = mlp.Dense { 1, "sigmoid",
    kernel_initializer = c.init and "glorot_uniform" or uniform }
  return mlp.Model { inputs = x, outputs = output(h) }:compile {
    optimizer = mlp.Adam(0.005), loss = "binary_crossentropy", metrics = { "accuracy" },
  }
end

--- The length of the gradient in each hidden layer before training: of its bias, or behind a batch
--- normalization, where a bias does nothing, of beta.
local function gradients(model, data, c)
  local norms = {}
  for _, g in ipairs(mlp.check.gradients(model, data)) do
    if g.weight == (c.norm and "beta" or "bias") and #norms < c.depth then
      norms[#norms + 1] = g.norm
    end
  end
  return norms
end

local done = {} -- each network is made and trained once a seed, for the sheet and all claims
local function made(caption, seed)
  local key = caption .. seed
  if not done[key] then
    mlp.seed(seed)
    local c = captions[caption]
    local train, test = mlp.datasets.circles { n = 980, noise = 0.1 }:split { test = 480 / 980 }
    local model = network(c)
    done[key] = { model = model, train = train, test = test, norms = gradients(model, train, c) }
  end
  return done[key]
end

local function trained(caption, seed)
  local run = made(caption, seed)
  if not run.history then
    run.history = run.model:fit(run.train, { epochs = 200, verbose = 0 })
    run.accuracy = run.model:evaluate(run.test).accuracy
  end
  return run
end

local sheet = mlp.plot.figure { rows = 6, cols = 6, width = 18, height = 16 }
for i, c in ipairs(captions) do
  local run = trained(c[1], mlp.seed())
  local row, col = (i - 1) // 6 * 3 + 1, (i - 1) % 6 + 1
  mlp.plot.decision_boundary(run.model, run.test, { panel = sheet:panel(row, col), size = 2,
    resolution = 100, colorbar = false, title = ("%s: %.3f"):format(c[1], run.accuracy) })
  sheet:panel(row, col):set { legend = false, xlabel = "", ylabel = "" }
  sheet:panel(row + 1, col):line(nil, run.history.loss)
    :set { xlabel = "epoch", ylabel = "loss", ylim = { 0, 0.8 } }
  sheet:panel(row + 2, col):line(nil, run.norms, { marker = "circle" })
    :set { xlabel = "layer", ylabel = "gradient at start", yscale = "log", ylim = { 1e-9, 100 },
           xinteger = true }
end
for row = 4, 6 do sheet:panel(row, 6):set { axes = false } end
sheet:save(mlp.out "vanishing_gradient.png")
print("wrote " .. mlp.out "vanishing_gradient.png")

local function accuracy(caption)
  return function(seed) return trained(caption, seed).accuracy end
end
--- Gradient in the first layer of a, as a multiple of that of b.
local function ratio(a, b)
  return function(seed) return made(a, seed).norms[1] / made(b, seed).norms[1] end
end
local function claim(slide, text, measure, expect, seeds)
  mlp.claim(text, { slide = slide, measure = measure, expect = expect, seeds = seeds })
end

claim("S21", "1 hidden layer of tanh trains", accuracy "1 tanh", ">= 0.95")
claim("S22", "3 hidden layers of tanh train", accuracy "3 tanh", ">= 0.95")
claim("S23", "10 hidden layers of tanh train", accuracy "10 tanh", ">= 0.95")
claim("S23", "their first gradient is less than half", ratio("10 tanh", "1 tanh"), "< 0.5", 31)
claim("S24", "20 hidden layers of tanh do not train", accuracy "20 tanh", "<= 0.7")
claim("S24", "their gradient is below a twentieth", ratio("20 tanh", "1 tanh"), "< 0.05", 31)
claim("S25", "10 of relu with he_uniform train", accuracy "10 relu, he", ">= 0.95")
claim("S26", "20 of relu with he_uniform train", accuracy "20 relu, he", ">= 0.95")
claim("S26", "their gradient is ten times tanh's", ratio("20 relu, he", "20 tanh"), ">= 10", 31)
claim("S27", "20 of residual relu train, by Adam", accuracy "residual 20 relu", ">= 0.95")
claim("S27", "but the gradient explodes", ratio("residual 20 relu", "1 tanh"), "> 100", 31)
claim("S28", "20 of normalized tanh train", accuracy "batch norm 20 tanh", ">= 0.85")
claim("S29", "20 residual ones too", accuracy "residual + norm 20 tanh", ">= 0.95")
claim("S30", "and those of relu", accuracy "residual + norm 20 relu, he", ">= 0.95")
claim("S31", "10 layers of sigmoid do not train", accuracy "10 sigmoid", "<= 0.7")
claim("S31", "sigmoid: gradient of layer 1 over that of layer 10", function(seed)
  local norms = made("10 sigmoid", seed).norms
  return norms[1] / norms[10]
end, "< 1e-5", 31)
