-- ours.lua: mlprun as a contestant of bench.lua; see workloads.lua for what it reads and answers.
local mlp = require "mlp"
local core = require "mlp.core"

local function numbers(text)
  local list = {}
  for word in text:gmatch "[^,]+" do list[#list + 1] = tonumber(word) end
  return list
end

local function parse(line)
  local word = {}
  for w in line:gmatch "%S+" do word[#word + 1] = w end
  return {
    name = word[1], kind = word[2], widths = numbers(word[3]), activation = word[4],
    optimizer = word[5], batch = math.tointeger(word[6]), rows = math.tointeger(word[7]),
    epochs = math.tointeger(word[8]), target = word[9], dropout = tonumber(word[10]),
    data = word[11],
  }
end

local function network(job)
  local layers, w = {}, job.widths
  for i = 2, #w do
    local last, out = i == #w, job.target == "classes" and "softmax" or "linear"
    layers[#layers + 1] = mlp.Dense { units = w[i], kernel_initializer = "he_uniform",
      activation = last and out or job.activation }
    if job.dropout > 0 and not last then layers[#layers + 1] = mlp.Dropout(job.dropout) end
  end
  return mlp.Sequential(layers)
end

local optimizers = {
  sgd = function() return mlp.SGD { learning_rate = 0.01 } end,
  momentum = function() return mlp.SGD { learning_rate = 0.001, momentum = 0.9 } end,
  adam = function() return mlp.Adam {} end,
}

local function data(job)
  local w, n = job.widths, job.rows
  local x, k = mlp.rand(n, w[1]), w[#w]
  if job.data ~= "random" then x = mlp.datasets.npy(job.data)[{ { 1, n } }] end
  if job.dtype then x = x[job.dtype](x) end
  if job.target == "values" then return { x = x, y = mlp.rand(n, k) } end
  return { x = x, y = (mlp.rand(n) * k):floor():add(1):long() }
end

local function trainer(job)
  local model, set = network(job), data(job)
  model:compile { optimizer = optimizers[job.optimizer](),
    loss = job.loss or job.target == "classes" and "sparse_categorical_crossentropy" or "mse" }
  local steps, clock = math.ceil(job.rows / job.batch) * job.epochs, job.clock or core.clock
  return function()
    local start = clock()
    model:fit(set, { epochs = job.epochs, batch_size = job.batch, verbose = 0,
      callbacks = job.callbacks })
    return (clock() - start) / steps
  end
end

local function predictor(job)
  local model, x = network(job), data(job).x
  local _ = model(x)
  return function()
    local start = core.clock()
    for _ = 1, job.epochs do model:predict_proba(x, { batch_size = job.batch }) end
    return (core.clock() - start) / job.epochs
  end
end

local workloads = dofile "tests/bench/workloads.lua"

--- A cross-entropy written in Lua, from probabilities.
local function by_hand(y, p)
  return -p:gather(2, y:reshape(-1, 1)):log():mean()
end

--- Seconds of a step of a workload with a change, and without it: the least of many short fits of
--- so many steps in turn, in the processor's time. Neighbours only ever add.
local function added(workload, steps, change)
  local job
  for _, w in ipairs(workloads) do
    if w.name == workload then job = parse(w.request) end
  end
  job.clock, job.rows, job.epochs = os.clock, steps * job.batch, 1
  local plain = trainer(job)
  for name, value in pairs(change) do job[name] = value end
  local changed = trainer(job)
  return function()
    local without, with = math.huge, math.huge
    for _ = 1, 15 do without, with = math.min(without, plain()), math.min(with, changed()) end
    return with, without
  end
end

-- What a program does besides training; "other" is the kind, the name says what.
local others = {}

function others.nothing() return function() return 0 end end
function others.hook()
  return added("W1", 5000, { callbacks = { mlp.Lambda { on_batch_end = function() end } } })
end
function others.monitors() return added("W3", 250, { callbacks = { mlp.monitor.gradients {} } }) end
function others.loss() return added("W3", 100, { loss = by_hand }) end
function others.dropout() return added("W4", 10, { dropout = 0.2 }) end
function others.float64() return added("W3", 100, { dtype = "double" }) end

function others.build()
  return function()
    local start = core.clock()
    local model = mlp.Sequential { mlp.Dense { 128, "relu" }, mlp.Dense { 10, "softmax" } }
    model:compile { optimizer = "adam", loss = "sparse_categorical_crossentropy" }
    model:build { 784 }
    return core.clock() - start
  end
end

local function saved(f)
  local model, path = mlp.Sequential { mlp.Input { 784 }, mlp.Dense { 512, "relu" },
    mlp.Dense { 512, "relu" }, mlp.Dense { 10, "softmax" } }, os.tmpname()
  model:build { 784 }
  model:save(path)
  return function()
    local start = core.clock()
    f(model, path)
    local seconds = core.clock() - start
    return seconds
  end
end

function others.save() return saved(function(model, path) model:save(path) end) end
function others.load() return saved(function(_, path) mlp.load(path) end) end

function others.plot()
  local y = mlp.rand(1000)
  return function()
    local start = core.clock()
    mlp.plot.line(nil, y, { title = "loss" }):png()
    return core.clock() - start
  end
end

--- One trial of a search over a tiny network.
function others.trial()
  local set = mlp.datasets.xor { n = 64, seed = 1 }
  local function objective(t)
    local model = mlp.Sequential {
      mlp.Dense { units = t:Int("units", 2, 16), activation = "tanh" },
      mlp.Dense { units = 1, activation = "sigmoid" },
    }
    model:compile { loss = "binary_crossentropy",
      optimizer = mlp.Adam { learning_rate = t:Float("lr", 1e-4, 1, { sampling = "log" }) } }
    return model:fit(set, { epochs = 4, batch_size = 16, verbose = 0 })[-1].loss
  end
  return function()
    local start, n = core.clock(), 100
    mlp.tune.study { sampler = "random", seed = 1 }:optimize(objective,
      { n_trials = n, verbose = 0 })
    return (core.clock() - start) / n
  end
end

local makers = { train = trainer, predict = predictor }
local ready = {}

local function answer(line)
  local name, kind = line:match "^(%S+) (%S+)"
  local run = ready[name]
  if run == nil then
    run = kind == "other" and others[name]() or makers[kind](parse(line))
    ready[name] = run
    run()
  end
  local seconds, without = run()
  return ("%.6g"):format(seconds * 1e6) .. (without and (" %.6g"):format(without * 1e6) or "")
end

for line in io.lines() do
  io.write(answer(line), "\n")
  io.flush()
end
