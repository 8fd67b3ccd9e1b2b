--- Prune where the best value so far is worse than the median of what complete trials reported at
--- the same step.
--- Source: Golovin et al. 2017, Google Vizier; Optuna 4, MedianPruner.
local check = require "mlp.check"
local percentile = require "mlp.tune.pruner.percentile"

--- @param o? table  startup_trials 5, warmup_steps 0, interval_steps 1, min_trials 1
return function(o)
  o = check.options("MedianPruner", o, { startup_trials = 5, warmup_steps = 0, interval_steps = 1,
    min_trials = 1 })
  o.percentile = 50
  local self = percentile(o)
  self.name = "median"
  return self
end
