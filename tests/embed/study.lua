-- study.lua: what the runtimes of study.c run; they share a file.
local mlp = require "mlp"

local function objective(t)
  local x, n = t:Float("x", 0, 1), t:Int("n", 1, 50)
  local model = mlp.Sequential { mlp.Dense { units = 4, activation = "tanh" }, mlp.Dense(1) }
  model:compile { loss = "mse", optimizer = mlp.SGD(x / 10) }
  local data = mlp.randn(64, 3)
  local h = model:fit({ x = data, y = data:slice(1, 1, 2) }, { epochs = 3, verbose = 0 })
  return h.loss[3] + n
end

function _G.search(path)
  mlp.study { storage = path, sampler = "random", pruner = "none", seed = 7 }
    :optimize(objective, { n_trials = 24, verbose = 0 })
end

function _G.trials(path)
  local list = {}
  for i, t in ipairs(mlp.study { storage = path }:trials()) do
    list[i] = ("%d %s %a"):format(t.number, t.state, t.value)
  end
  return table.concat(list, "\n")
end
