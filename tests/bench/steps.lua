-- steps.lua: microseconds a training step on the workloads of the specification, and what it costs
-- to start. Medians of five, interleaved where two are compared; no test reads these numbers.
local mlp = require "mlp"
local core = require "mlp.core"
local first = -1
while arg[first - 1] do first = first - 1 end
local program = arg[first]

local function dense(units, activation)
  return mlp.Dense { units = units, activation = activation, kernel_initializer = "he_uniform" }
end

local function median(list)
  table.sort(list)
  return list[(#list + 1) // 2]
end

--- Microseconds a step of one epoch.
local function epoch(run, number)
  run:restart(number)
  local start = core.clock()
  run:on(0, 1e9)
  return (core.clock() - start) / run.batches * 1e6
end

local function trainer(model, data, batch_size, optimizer, loss)
  model:compile { optimizer = optimizer, loss = loss }
  local run = core.run(model, "train", data.x, data.y, batch_size, 1)
  epoch(run, 1)
  return run
end

local function classes(rows, features, k)
  return { x = mlp.rand(rows, features), y = mlp.full({ rows }, k, { dtype = "int64" }) }
end

local function deep(layers)
  local list = {}
  for i = 1, layers do list[i] = dense(32, "tanh") end
  list[layers + 1] = dense(2, "softmax")
  return mlp.Sequential(list)
end

local sparse = "sparse_categorical_crossentropy"
local function sgd() return mlp.SGD { learning_rate = 0.01 } end
local digits = classes(6400, 784, 3)

local workloads = {
  { "W1 2-16-16-2, batch 32, SGD", function()
    return trainer(mlp.Sequential { dense(16, "relu"), dense(16, "relu"), dense(2, "softmax") },
      classes(2000, 2, 1), 32, sgd(), sparse)
  end },
  { "W2 2-[32]x20-2 tanh, batch 32, Adam", function()
    return trainer(deep(20), classes(2000, 2, 1), 32, "adam", sparse)
  end },
  { "W3 784-128-10, batch 32, Adam", function()
    return trainer(mlp.Sequential { dense(128, "relu"), dense(10, "softmax") }, digits, 32, "adam",
      sparse)
  end },
  { "W3 with its loss written in Lua", function()
    local loss = function(y, p) return p:softmax_cross_entropy(y):mean() end
    return trainer(mlp.Sequential { dense(128, "relu"), dense(10) }, digits, 32, "adam", loss)
  end },
  { "W4 784-512-512-10, batch 128, Adam", function()
    return trainer(mlp.Sequential { dense(512, "relu"), dense(512, "relu"), dense(10, "softmax") },
      digits, 128, "adam", sparse)
  end },
  { "W6 10-32-1, batch 1, SGD", function()
    return trainer(mlp.Sequential { dense(32, "relu"), dense(1) },
      { x = mlp.randn(10000, 10), y = mlp.randn(10000, 1) }, 1, sgd(), "mse")
  end },
}

local runs, times = {}, {}
for i, w in ipairs(workloads) do runs[i], times[i] = w[2](), {} end
for round = 1, 5 do
  for i, run in ipairs(runs) do times[i][round] = epoch(run, round + 1) end
end
print(("%-44s %12s"):format("workload, one thread", "us a step"))
for i, w in ipairs(workloads) do
  print(("%-44s %12.2f"):format(w[1], median(times[i])))
end
print(("%-44s %12.3f"):format("W3: Lua loss over built-in (ratio)",
  median(times[4]) / median(times[3])))

local function seconds(command)
  local list = {}
  for i = 1, 5 do
    local start = core.clock()
    os.execute(command)
    list[i] = core.clock() - start
  end
  return median(list)
end

print(("%-44s %12.1f"):format("mlprun -e '' (ms)", seconds(program .. " -e ''") * 1e3))
print(("%-44s %12.3f"):format("experiments/moons.lua to two PNGs (s)",
  seconds(program .. " --quiet experiments/moons.lua >/dev/null 2>&1")))
