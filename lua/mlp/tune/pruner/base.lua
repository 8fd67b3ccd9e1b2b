--- What pruners share. A pruner says whether a trial that reported is not worth its time:
---
---   pruner:prune(study, trial)   trial.steps: in the order of reports; trial.reports[step]
---   pruner.uses_values           does it look at other trials?
local check = require "mlp.check"

local M = {}

--- A class of pruners.
function M.class(fields)
  fields.__index = fields
  function fields.__tostring(self) return self.name .. " pruner" end
  return fields
end

--- The step of the last report, and its value turned so that less is better.
function M.last(study, trial)
  local step = trial.steps[#trial.steps]
  return step, study.history.sign * trial.reports[step]
end

--- The best value that a trial has reported, turned; nil where all were NaN.
function M.best(study, trial)
  local best
  for _, step in ipairs(trial.steps) do
    local v = study.history.sign * trial.reports[step]
    if v == v and (not best or v < best) then best = v end
  end
  return best
end

--- Values that complete trials reported at a step, turned; NaN left out.
function M.others(study, step)
  local values = {}
  for _, row in ipairs(study.storage:reports_at(study.id, step)) do
    if row[1] then values[#values + 1] = study.history.sign * row[1] end
  end
  return values
end

--- Should it look at this step at all?
function M.due(self, trial, step)
  if step < self.warmup_steps then return false end
  local interval = self.interval_steps
  local before = trial.steps[#trial.steps - 1] -- the first report of each interval counts
  local own = (step - self.warmup_steps) // interval
  return before == nil or before < self.warmup_steps or
    (before - self.warmup_steps) // interval ~= own
end

--- A value that lies that share of the way through the sorted list, between neighbours.
function M.percentile(values, share)
  table.sort(values)
  local place = 1 + share / 100 * (#values - 1)
  local low = math.floor(place)
  local high = math.min(low + 1, #values)
  return values[low] + (place - low) * (values[high] - values[low])
end

--- Whole numbers among the options.
function M.wholes(who, o, least)
  for _, name in ipairs(check.sorted_keys(least)) do
    o[name] = check.whole(who, name, o[name], least[name])
  end
end

return M
