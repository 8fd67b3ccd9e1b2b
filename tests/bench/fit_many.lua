-- fit_many.lua [ROUNDS]: 64 nets of 2-16-16-2 on one core, together against one after the other:
-- steps a second on 2,000 rows (W1's) at batches of 4 and 32, by processor time, and trials a
-- second of a study in a file, with building, compiling and storing, by the clock. Both ways take
-- turns; medians.
local mlp = require "mlp"
local core = require "mlp.core"
local ROUNDS <const> = tonumber(arg[1] or 7)
local NETS <const>, ROWS <const> = 64, 2000
core.threads(1)

local data = mlp.datasets.moons { n = ROWS, noise = 0.2 }
local trial_data = mlp.datasets.moons { n = 512, noise = 0.2 }

local function net(optimizer)
  local model = mlp.Sequential {
    mlp.Dense { units = 16, activation = "relu" }, mlp.Dense { units = 16, activation = "relu" },
    mlp.Dense { units = 2, activation = "softmax" },
  }
  model:compile { loss = "sparse_categorical_crossentropy", optimizer = optimizer }
  return model
end

local function nets(kind)
  mlp.seed(0)
  local list = {}
  for i = 1, NETS do list[i] = net(mlp[kind] { learning_rate = 1e-3 * i }) end
  return list
end

local function median(list)
  table.sort(list)
  return list[(#list + 1) // 2]
end

local function check_equal(a, b)
  for i = 1, NETS do assert(a[i]:hash() == b[i]:hash(), "net " .. i .. " differs") end
end

--- Seconds of f: of the processor, and of the clock.
local function time(f)
  collectgarbage()
  local cpu, wall = os.clock(), core.clock()
  f()
  return os.clock() - cpu, core.clock() - wall
end

--- Microseconds a step, alone and together; their ratio, of each round.
local function throughput(kind, batch, epochs)
  local alone, together, ratios = {}, {}, {}
  local o = { epochs = epochs, batch_size = batch, verbose = 0 }
  local steps = NETS * epochs * math.ceil(ROWS / batch)
  for round = 1, ROUNDS do
    local a, b = nets(kind), nets(kind)
    local x = time(function() for i = 1, NETS do a[i]:fit(data, o) end end)
    local y = time(function() mlp.fit_many(b, data, o) end)
    alone[round], together[round], ratios[round] = x / steps, y / steps, x / y
    check_equal(a, b)
  end
  print(("%-5s batch %2d: %5.2f us a step alone, %5.2f together: %.2f times"):format(kind, batch,
    median(alone) * 1e6, median(together) * 1e6, median(ratios)))
end

local function objective(t)
  local model = net(mlp.Adam { learning_rate = t:Float("lr", 1e-4, 1e-1, { sampling = "log" }) })
  local history = model:fit(trial_data, { epochs = 1, batch_size = 32, verbose = 0,
    callbacks = { t:callback { monitor = "loss" } } })
  return history[-1].loss
end

local function trials(n, together)
  local path = os.tmpname()
  os.remove(path)
  local study = mlp.study { storage = path, sampler = "random", pruner = "none", keep = 0,
    duplicates = true }
  local cpu, wall = time(function()
    study:optimize(objective, { n_trials = n, together = together, verbose = 0 })
  end)
  local values = {}
  for i, trial in ipairs(study:trials()) do values[i] = ("%a"):format(trial.value) end
  study:close()
  os.remove(path)
  return n / wall, n / cpu, table.concat(values, " ")
end

for _, kind in ipairs { "Adam", "SGD" } do
  throughput(kind, 4, 20)
  throughput(kind, 32, 80)
end

local ratios, alone, together, cpu = {}, {}, {}, {}
for round = 1, ROUNDS do
  local a, ca, va = trials(2 * NETS, 1)
  local b, cb, vb = trials(2 * NETS, NETS)
  assert(va == vb, "the trials differ")
  alone[round], together[round], ratios[round], cpu[round] = a, b, b / a, cb / ca
end
print(("trials a second: %.0f alone, %.0f together: %.2f times; by processor time %.2f times")
  :format(median(alone), median(together), median(ratios), median(cpu)))
