-- Why random weights? Units that start equal stay equal; and random starts give different results.
-- The slides' random uniform is (-0.5, 0.5), that of the Playground.
--   mlprun experiments/initialization.lua
local mlp = require "mlp"

local uniform = mlp.initializers.RandomUniform { minval = -0.5, maxval = 0.5 }
local train, test = mlp.datasets.circles { n = 600, noise = 0.1 }:split { test = 0.3 }

--- A network with these first weights, trained.
local function trained(initializer, epochs)
  local model = mlp.Sequential { mlp.Dense { 8, "tanh", kernel_initializer = initializer },
    mlp.Dense { 1, "sigmoid", kernel_initializer = initializer } }
    :compile { loss = "binary_crossentropy", optimizer = mlp.Adam(0.01), metrics = { "accuracy" } }
  if epochs > 0 then model:fit(train, { epochs = epochs, verbose = 0 }) end
  return model
end

--- How far apart the weights of the 8 hidden units are after training.
local function spread(model)
  local kernel = model.layers[1].kernel:detach()
  return (kernel:max(2) - kernel:min(2)):max():item()
end

local fig = mlp.plot.figure { cols = 3 }
local spreads, accuracy = {}, {}
for i, case in ipairs { { "ones", "ones" }, { "zeros", "zeros" }, { "uniform", uniform } } do
  local model = trained(case[2], 60)
  spreads[case[1]], accuracy[case[1]] = spread(model), model:evaluate(test).accuracy
  mlp.plot.decision_boundary(model, test, { panel = fig:panel(1, i), colorbar = false, size = 3,
    title = ("%s: accuracy %.2f"):format(case[1], accuracy[case[1]]), legend = false })
end
fig:save(mlp.out "initialization.png")
print("wrote " .. mlp.out "initialization.png")
print(mlp.check.sanity(trained("ones", 0), train))

local scores = {} -- the same training from ten random starts
for seed = 1, 10 do
  mlp.seed(seed)
  scores[seed] = trained(uniform, 15):evaluate(test).accuracy
end
table.sort(scores)
print(("ten random starts: accuracy %.3f to %.3f"):format(scores[1], scores[10]))
local function weights(seed)
  mlp.seed(seed)
  return trained(uniform, 2):hash()
end

mlp.claim { "units that start as ones stay equal", spreads.ones, "== 0", slide = "S49" }
mlp.claim { "and cannot tell a circle from the other", accuracy.ones, "<= 0.85", slide = "S49" }
mlp.claim { "zeros do not train at all", accuracy.zeros, "in [0.4, 0.6]", slide = "S49" }
mlp.claim { "random ones differ, and learn", accuracy.uniform, ">= 0.95", slide = "S49" }
mlp.claim { "another start, another result", weights(1) ~= weights(2), true, slide = "S48" }
mlp.claim { "the same start, the same bits", weights(1) == weights(1), true, slide = "S48" }
