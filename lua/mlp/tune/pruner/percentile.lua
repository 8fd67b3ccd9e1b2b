--- Prune where the best value so far is worse than that percentile of what complete trials reported
--- at the same step; where all reports are NaN.
--- Source: Optuna 4, PercentilePruner (percentile 25: only the best quarter goes on).
local check = require "mlp.check"
local base = require "mlp.tune.pruner.base"

local Percentile = base.class { name = "percentile", uses_values = true }

function Percentile:prune(study, trial)
  study.history:refresh()
  if study.history.complete < self.startup_trials then return false end
  local step = trial.steps[#trial.steps]
  if not base.due(self, trial, step) then return false end
  local others = base.others(study, step)
  if #others < math.max(1, self.min_trials) then return false end
  local best = base.best(study, trial)
  return best == nil or best > base.percentile(others, self.percentile)
end

--- @param o? table  percentile 25, startup_trials 5, warmup_steps 0, interval_steps 1, min_trials 1
return function(o)
  o = check.options("PercentilePruner", o, { percentile = 25, startup_trials = 5, warmup_steps = 0,
    interval_steps = 1, min_trials = 1 })
  check.number("PercentilePruner", "percentile", o.percentile, 0, 100)
  base.wholes("PercentilePruner", o, { startup_trials = 0, warmup_steps = 0, interval_steps = 1,
    min_trials = 1 })
  return setmetatable(o, Percentile)
end
