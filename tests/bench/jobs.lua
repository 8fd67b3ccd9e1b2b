-- jobs.lua [N [ROUNDS [FOLDER]]]: trials a second of one process and of two, in turns, on N trials
-- of a small net (about 30 ms each), and whether the tables are equal.
local mlp = require "mlp"
local core = require "mlp.core"
local is_worker = require("mlp.tune.workers").is_worker()
local n, rounds = tonumber(arg[1] or 400), tonumber(arg[2] or 3)
assert(n and rounds, "usage: jobs.lua [N [ROUNDS [FOLDER]]], the first two numbers")
local folder = arg[3] or "build/jobs" -- workers look there, too

local data = mlp.datasets.moons { n = 1000, noise = 0.2, seed = 1 }
core.threads(1)
core.make_folder(folder)

local function objective(t)
  local model = mlp.Sequential {
    mlp.Dense { units = t:Int("units", 8, 32), activation = "tanh" },
    mlp.Dense { units = 1, activation = "sigmoid" },
  }
  model:compile { loss = "binary_crossentropy",
    optimizer = mlp.Adam { learning_rate = t:Float("lr", 1e-4, 1, { sampling = "log" }) } }
  return model:fit(data, { epochs = 100, batch_size = 32, verbose = 0 }).loss[100]
end

local function table_of(study)
  local rows = {}
  for i, t in ipairs(study:trials()) do rows[i] = ("%s %.17g"):format(t.state, t.value) end
  return table.concat(rows, "\n")
end

local function run(round, jobs)
  local path = ("%s/%d-%d.db"):format(folder, round, jobs)
  if not is_worker then os.remove(path) end
  local study = mlp.study { storage = path, sampler = "random", pruner = "none", keep = 0 }
  local clock = core.clock()
  study:optimize(objective, { n_trials = n, n_jobs = jobs, verbose = 0 })
  clock = core.clock() - clock
  local text = is_worker or table_of(study)
  study:close()
  return n / clock, text
end

for round = 1, rounds do
  local one, a = run(round, 1)
  local two, b = run(round, 2)
  print(("%d trials: %.1f a second with one process, %.1f with two: %.2f times; tables %s"):format(
    n, one, two, two / one, a == b and "equal" or "DIFFER"))
end
