--- Successive halving, asynchronous: a trial goes on behind a rung if it is among the best 1/eta
--- of those that came so far to that rung; the best goes on in any case while there are fewer than
--- eta. Rungs are at min_resource * eta^(rate + k) steps.
--- Source: Li et al. 2018, arXiv:1810.05934; Optuna 4, SuccessiveHalvingPruner.
local check = require "mlp.check"
local base = require "mlp.tune.pruner.base"

local Halving = base.class { name = "halving", uses_values = true }

--- Values of trials that came to a rung are user attributes "rung k", as others must see them.
local function rung_values(study, trial, rung, value)
  local key = "rung " .. rung
  study.storage:transact(function()
    trial:write()
    study.storage:set_user_attr(trial.id, key, value)
  end)
  trial:saved()
  return study.storage:attribute_values(study.id, key)
end

local function promotable(values, value, eta)
  table.sort(values)
  local n = math.max(1, #values // eta)
  return value <= values[n]
end

function Halving:prune(study, trial)
  local step, value = base.last(study, trial)
  trial.rung = trial.rung or 0
  while true do
    local at = self.min_resource * self.eta ^ (self.rate + trial.rung)
    if step < at then return false end
    if value ~= value then return true end
    local values = rung_values(study, trial, trial.rung, value)
    trial.rung = trial.rung + 1
    if not promotable(values, value, self.eta) then return true end
  end
end

--- @param o? table  min_resource 1, reduction_factor 4, min_early_stopping_rate 0
return function(o)
  o = check.options("SuccessiveHalvingPruner", o, { min_resource = 1, reduction_factor = 4,
    min_early_stopping_rate = 0 })
  base.wholes("SuccessiveHalvingPruner", o, { min_resource = 1, reduction_factor = 2,
    min_early_stopping_rate = 0 })
  return setmetatable({ min_resource = o.min_resource, eta = o.reduction_factor,
    rate = o.min_early_stopping_rate }, Halving)
end
