-- What ask() takes at 500 trials of a study, in milliseconds of the processor.
--   mlprun tests/bench/ask.lua [bayesian|tpe]
local mlp = require "mlp"
local name = arg[1] or "bayesian"
local SAMPLER <const> = { bayesian = mlp.tune.BayesianSampler, tpe = mlp.tune.TPESampler }

local function value(t)
  local sum = 0
  for i = 1, 6 do sum = sum + i * (t:Float("x" .. i, 0, 1) - 0.3) ^ 2 end
  return sum
end

local study, times = mlp.study { sampler = "random", pruner = "none" }, {}
study:optimize(value, { n_trials = 500, verbose = 0 })
study.sampler = assert(SAMPLER[name], "bayesian or tpe")()
study:tell(study:ask(), 1) -- learns the 500
for i = 1, 30 do
  local clock = os.clock()
  local trial = study:ask()
  local v = value(trial)
  times[i] = (os.clock() - clock) * 1000
  study:tell(trial, v)
end
table.sort(times)
print(("%s, ask() at 500 trials: median %.1f ms, 9 of 10 below %.1f, longest %.1f"):format(name,
  times[15], times[27], times[30]))
