-- trials.lua [N] [FILE]: N trials of a tiny net, in a file: memory, asking, bytes, trials a second.
-- trials.py does the same work with Optuna and scikit-learn's MLP.
local mlp = require "mlp"
local core = require "mlp.core"
local n, path = tonumber(arg[1] or 10000), arg[2] or os.tmpname()

local data = mlp.datasets.xor { n = 64, seed = 1 }
os.remove(path)
core.threads(1)

local function resident()
  local f = assert(io.open "/proc/self/statm")
  local _, pages = f:read("n", "n")
  f:close()
  return pages * 4096
end

local function objective(t)
  local model = mlp.Sequential {
    mlp.Dense { units = t:Int("units", 2, 16), activation = "tanh" },
    mlp.Dense { units = 1, activation = "sigmoid" },
  }
  model:compile { loss = "binary_crossentropy",
    optimizer = mlp.Adam { learning_rate = t:Float("lr", 1e-4, 1, { sampling = "log" }) } }
  for epoch, v in model:fit(data, { epochs = 4, batch_size = 16, verbose = 0 }):rows() do
    t:report(v.loss, epoch)
  end
  return t.reports[4]
end

local study = mlp.study { storage = path, sampler = "random", pruner = "none", keep = 0 }
local wall, cpu = core.clock(), os.clock()
study:optimize(objective, { n_trials = 500, verbose = 0 })
collectgarbage()
local at_500 = resident()
study:optimize(objective, { n_trials = n - 500, verbose = 0 })
wall, cpu = core.clock() - wall, os.clock() - cpu
collectgarbage()
local growth = (resident() - at_500) / (n - 500)
local clock = os.clock()
for _ = 1, 20 do study:ask() end
local ask = (os.clock() - clock) / 20
study:close()
local file = assert(io.open(path, "rb"))
local bytes = file:seek "end"
file:close()
os.remove(path)
print(("%d trials: %.0f a second (%.0f of processor time), %.0f bytes of memory a trial, "
  .. "ask %.2f ms, file %.0f bytes a trial (4 reports)"):format(n, n / wall, n / cpu, growth,
  ask * 1e3, bytes / n))
