-- Why random weights? Units that start equal stay equal; and random starts give different results.
-- The slides' random uniform is (-0.5, 0.5), that of the Playground; Keras's "random_uniform"
-- without arguments is (-0.05, 0.05).
--   mlprun experiments/initialization.lua
local mlp = require "mlp"

local uniform = mlp.initializers.RandomUniform { minval = -0.5, maxval = 0.5 }
local train, test = mlp.datasets.circles { n = 600, noise = 0.1 }:split { test = 0.3 }

local function network(initializer)
  return mlp.Sequential { mlp.Dense { 8, "tanh", kernel_initializer = initializer },
    mlp.Dense { 1, "sigmoid", kernel_initializer = initializer } }
    :compile { loss = "binary_crossentropy", optimizer = mlp.Adam(0.01), metrics = { "accuracy" } }
end

--- How far apart the weights of the 8 hidden units are after training.
local function spread(model)
  local kernel = model.layers[1].kernel:detach()
  return (kernel:max(2) - kernel:min(2)):max():item()
end

local fig = mlp.plot.figure { cols = 3 }
local spreads, accuracy = {}, {}
for i, case in ipairs { { "ones", "ones" }, { "zeros", "zeros" }, { "uniform", uniform } } do
  local model = network(case[2])
  model:fit(train, { epochs = 60, verbose = 0 })
  spreads[case[1]], accuracy[case[1]] = spread(model), model:evaluate(test).accuracy
  mlp.plot.decision_boundary(model, test, { panel = fig:panel(1, i), colorbar = false, size = 3,
    title = ("%s: accuracy %.2f"):format(case[1], accuracy[case[1]]) })
  fig:panel(1, i):set { legend = false }
end
fig:save(mlp.out "initialization.png")
print("wrote " .. mlp.out "initialization.png")
print(mlp.check.sanity(network "ones", train))

local scores = {} -- the same training from ten random starts
for seed = 1, 10 do
  mlp.seed(seed)
  local model = network(uniform)
  model:fit(train, { epochs = 15, verbose = 0 })
  scores[seed] = model:evaluate(test).accuracy
end
table.sort(scores)
print(("ten random starts: accuracy %.3f to %.3f"):format(scores[1], scores[10]))
local function weights(seed)
  mlp.seed(seed)
  local model = network(uniform)
  model:fit(train, { epochs = 2, verbose = 0 })
  return model:hash()
end

local function claim(slide, text, value, expect)
  mlp.claim(text, { slide = slide, measure = value, expect = expect })
end
claim("S49", "units that start as ones stay equal", spreads.ones, "== 0")
claim("S49", "and cannot tell a circle from the other", accuracy.ones, "<= 0.85")
claim("S49", "zeros do not train at all", accuracy.zeros, "in [0.4, 0.6]")
claim("S49", "random ones differ, and learn", accuracy.uniform, ">= 0.95")
claim("S48", "another start, another result", weights(1) ~= weights(2), true)
claim("S48", "the same start, the same bits", weights(1) == weights(1), true)

-- The bounds of the initializers, on 100,000 draws of a layer from 40 to 60 units.
local function largest(initializer)
  local layer = mlp.Dense { 250, kernel_initializer = initializer }
  mlp.Sequential { layer }:build { 400 }
  return layer.kernel:detach():abs():max():item()
end
claim("S37", "he_uniform reaches sqrt(6 / inputs)", largest "he_uniform" / math.sqrt(6 / 400),
  "in [0.999, 1]")
claim("S37", "glorot_uniform sqrt(6 / (inputs + units))", largest "glorot_uniform"
  / math.sqrt(6 / 650), "in [0.999, 1]")
claim("S37", "lecun_uniform sqrt(3 / inputs)", largest "lecun_uniform" / math.sqrt(3 / 400),
  "in [0.999, 1]")
claim("S37, T6", "Keras's random_uniform reaches 0.05", largest "random_uniform",
  "in [0.0499, 0.05]")
claim("S37, T6", "the slides' reaches 0.5", largest(uniform), "in [0.499, 0.5]")
