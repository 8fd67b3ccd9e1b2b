-- kill_study.lua FILE hyperband|bayesian JOBS: a search that kill_study.sh shoots at. Prints the
-- table.
local mlp = require "mlp"
local path, kind, jobs = arg[1], arg[2], tonumber(arg[3])

local data = mlp.datasets.moons { n = 80, noise = 0.2, seed = 3 }

local function build(hp)
  local model = mlp.Sequential {
    mlp.Dense { units = hp:Int("units", 2, 33), activation = "tanh" },
    mlp.Dense { units = 1, activation = "sigmoid" },
  }
  model:compile { loss = "binary_crossentropy",
    optimizer = mlp.Adam { learning_rate = hp:Float("lr", 1e-4, 1, { sampling = "log" }) } }
  return model
end

local study
if kind == "hyperband" then -- 211 trials
  local tuner = mlp.tune.Hyperband(build, { max_epochs = 81, factor = 3, seed = 1, n_jobs = jobs,
    directory = path:match "^(.*)/", project_name = path:match "([^/]*)%.db$" })
  study = tuner:search(data, { validation_split = 0.25 })
else
  study = mlp.study { storage = path, deterministic = true, seed = 1 }
  study:optimize(function(t)
    local h = build(t):fit(data, { epochs = 4, verbose = 0, validation_split = 0.25,
      callbacks = { t:callback() } })
    return h.val_loss[4]
  end, { n_trials = 100, n_jobs = jobs })
end

for _, t in ipairs(study:trials()) do
  io.write(t.number, " ", t.state, " ", t.seed, (" %a %d %a"):format(t.params.lr, t.params.units,
    t.value))
  for _, step in ipairs(t.steps) do io.write((" %a"):format(t.reports[step])) end
  io.write "\n"
end
