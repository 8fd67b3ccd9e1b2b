-- Babysit your network: five views of a training, and what went wrong in two of three.
-- Loss, data, layers (activations, gradients, weights), metric, and the space of hyper-parameters;
-- model:why() reads the same numbers and tells the cause.
--   mlprun experiments/babysitting.lua
local mlp = require "mlp"

local function network(activation, depth, initializer)
  local x = mlp.Input { 2 }
  local hidden = mlp.hidden_layers(x, { depth = depth, units = 8, activation = activation,
    kernel_initializer = initializer })
  return mlp.Model { inputs = x, outputs = mlp.Dense { 1, "sigmoid" }(hidden) }:compile {
    loss = "binary_crossentropy", optimizer = mlp.Adam(0.005), metrics = { "accuracy" } }
end

local data = mlp.datasets.circles { n = 800, noise = 0.1 }
local model = network("relu", 2, "he_uniform")
local views = mlp.check.babysit(model, data, { epochs = 60 })
for _, path in ipairs(views:save(mlp.out "babysitting")) do print("wrote " .. path) end
print("a healthy run:", model:why())

-- The gradient in each layer over the epochs, 20 layers of tanh and of relu.
local uniform = mlp.initializers.RandomUniform { minval = -0.5, maxval = 0.5 }
local function watched(activation, initializer, seed)
  mlp.seed(seed)
  local watch = mlp.monitor.gradients { every = "epoch" }
  local net = network(activation, 20, initializer)
  net:fit(data, { epochs = 40, callbacks = { watch }, validation_split = 0.25, verbose = 0 })
  return watch, net
end

local fig = mlp.plot.figure { cols = 2, title = "The gradient by layer and epoch" }
for i, case in ipairs { { "tanh", uniform }, { "relu", "he_uniform" } } do
  local watch, net = watched(case[1], case[2], mlp.seed())
  mlp.plot.gradient_heatmap(watch, { panel = fig:panel(1, i), title = case[1], vmin = 1e-6,
    vmax = 1, names = {} })
  print("20 layers of " .. case[1] .. ":", net:why())
end
fig:save(mlp.out "babysitting-gradients.png")
print("wrote " .. mlp.out "babysitting-gradients.png")

mlp.claim { "tanh's first layer ends with a gradient below 1e-4", slide = "S33", seeds = 5,
  expect = "< 1e-4", measure = function(seed)
    local series = watched("tanh", uniform, seed):series "norm"
    return series.values[series.names[1]][40]
  end }
mlp.claim { "why says nothing of the healthy run", slide = "S65", expect = "== 0", seeds = 5,
  measure = function()
    local net = network("relu", 2, "he_uniform")
    net:fit(data, { epochs = 60, validation_split = 0.2, verbose = 0 })
    return #net:why()
  end }
mlp.claim { "it names the vanishing gradient of 20 layers of tanh", slide = "S33", seeds = 5,
  expect = true, measure = function(seed)
    local finding = (select(2, watched("tanh", uniform, seed))):why()[1]
    return finding ~= nil and finding.cause == "vanishing gradient"
  end }
