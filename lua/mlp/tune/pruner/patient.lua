--- Prune as another pruner says, but only where the trial's own values have not become better for
--- `patience` steps; without another pruner, then in any case.
--- Source: Optuna 4, PatientPruner.
local check = require "mlp.check"
local base = require "mlp.tune.pruner.base"

local Patient = base.class { name = "patient" }

--- Has none of the last patience + 1 values improved on those before by more than min_delta?
local function stands_still(self, study, trial)
  local before, after = math.huge, math.huge
  local n = #trial.steps
  if n <= self.patience + 1 then return false end
  for k, step in ipairs(trial.steps) do
    local v = study.history.sign * trial.reports[step]
    if v == v and k < n - self.patience then before = math.min(before, v) end
    if v == v and k >= n - self.patience then after = math.min(after, v) end
  end
  return before + self.min_delta < after
end

function Patient:prune(study, trial)
  if not stands_still(self, study, trial) then return false end
  return self.pruner == nil or self.pruner:prune(study, trial)
end

--- @param o table  patience (steps), min_delta 0, pruner (another one; none)
return function(o)
  o = check.options("PatientPruner", o, { patience = 0, min_delta = 0, pruner = check.none })
  base.wholes("PatientPruner", o, { patience = 0 })
  check.number("PatientPruner", "min_delta", o.min_delta, 0, math.huge)
  o.uses_values = o.pruner and o.pruner.uses_values or false
  return setmetatable(o, Patient)
end
