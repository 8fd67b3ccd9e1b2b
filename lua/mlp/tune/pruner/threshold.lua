--- Prune where a value lies outside of bounds, or is NaN.
--- Source: Optuna 4, ThresholdPruner.
local check = require "mlp.check"
local base = require "mlp.tune.pruner.base"

local Threshold = base.class { name = "threshold", uses_values = false }

function Threshold:prune(_, trial)
  local step = trial.steps[#trial.steps]
  if not base.due(self, trial, step) then return false end
  local v = trial.reports[step]
  return v ~= v or v < self.lower or v > self.upper
end

--- @param o table  lower, upper (one of them at least), warmup_steps 0, interval_steps 1
return function(o)
  o = check.options("ThresholdPruner", o, { lower = check.none, upper = check.none,
    warmup_steps = 0, interval_steps = 1 })
  if not o.lower and not o.upper then
    check.raise("argument", "ThresholdPruner: expected option 'lower' or 'upper', got none")
  end
  base.wholes("ThresholdPruner", o, { warmup_steps = 0, interval_steps = 1 })
  o.lower, o.upper = o.lower or -math.huge, o.upper or math.huge
  return setmetatable(o, Threshold)
end
