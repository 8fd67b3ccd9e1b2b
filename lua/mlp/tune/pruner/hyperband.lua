--- Hyperband, asynchronous: several successive halvings that begin to prune early or late; which of
--- them a trial belongs to follows from the study's seed and its number, in shares of equal budget.
--- (mlp.tune.Hyperband is the one with rounds, as Keras Tuner has it.)
--- Source: Li et al. 2018, JMLR 18; Optuna 4, HyperbandPruner.
local core = require "mlp.core"
local check = require "mlp.check"
local base = require "mlp.tune.pruner.base"
local halving = require "mlp.tune.pruner.halving"

local Hyperband = base.class { name = "hyperband", uses_values = true }

function Hyperband:bracket(study, trial)
  local u = core.study_uniform(study.seed, trial.number, "bracket", 0) * self.total
  for k, budget in ipairs(self.budgets) do
    if u < budget then return k end
    u = u - budget
  end
  return #self.budgets
end

function Hyperband:prune(study, trial)
  trial.bracket = trial.bracket or self:bracket(study, trial)
  return self.brackets[trial.bracket]:prune(study, trial)
end

--- @param o table  max_resource (steps of a whole trial), min_resource 1, reduction_factor 3
return function(o)
  o = check.options("HyperbandPruner", o, { max_resource = 27, min_resource = 1,
    reduction_factor = 3 })
  base.wholes("HyperbandPruner", o, { max_resource = 1, min_resource = 1, reduction_factor = 2 })
  local eta, n, reach = o.reduction_factor, 1, o.min_resource
  while reach * eta <= o.max_resource do
    reach = reach * eta
    n = n + 1
  end
  local self = setmetatable({ budgets = {}, brackets = {}, total = 0 }, Hyperband)
  for k = 1, n do
    local s = n - k
    self.budgets[k] = math.ceil(n * eta ^ s / (s + 1))
    self.total = self.total + self.budgets[k]
    self.brackets[k] = halving { min_resource = o.min_resource, reduction_factor = eta,
      min_early_stopping_rate = k - 1 }
  end
  return self
end
