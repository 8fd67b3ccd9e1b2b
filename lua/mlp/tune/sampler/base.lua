--- What samplers share. A sampler decides before a trial begins, from the study's seed, the trial's
--- number and what it may see of the study:
---
---   sampler:plan(view)   numbers in the file by name for what the space is known to hold; then,
---                        for a grid given as tables, values by name. Or nil and "wait" or
---                        "end", why
---   sampler:by_number(study)   do its plans follow from the number alone? Missing: they do not
---   sampler:independent(study, trial, name, distribution)   for what a plan does not hold
---
---   view.seed, view.number, view.space (order, distribution), view.history, view.visible(i),
---   view.pending: plans of trials without a result, view.visited: what was tried
local core = require "mlp.core"

local M = {}

local TRIES <const> = 20 -- before the rest of a discrete space is looked through; Keras Tuner's

local Sampler = {}
Sampler.__index = Sampler
M.Sampler = Sampler

--- A class of samplers: fields are name, uses_values (must it see results?).
function M.class(fields)
  fields.__index = fields
  function fields.__tostring(self) return self.name .. " sampler" end
  return setmetatable(fields, Sampler)
end

--- Uniform under the prior; a function of seed, number and name.
function Sampler.independent(_, study, trial, name, d)
  return d:from_unit(core.study_uniform(study.seed, trial.number, name, 0))
end

--- A plan that is drawn uniformly.
function M.uniform(view, attempt)
  local plan = {}
  for _, name in ipairs(view.space.order) do
    plan[name] = view.space.distribution[name]:from_unit(
      core.study_uniform(view.seed, view.number, name, attempt))
  end
  return plan
end

--- The signatures of plans without a result.
function M.pending_signatures(view)
  local set = {}
  for _, plan in ipairs(view.pending) do
    local s = view.visited:signature(plan, view.space)
    if s then set[s] = true end
  end
  return set
end

--- The first of propose(0), propose(1)... that no other trial has tried or is trying; where chance
--- does not find one, what is left of the discrete space is looked through.
function M.distinct(view, propose)
  if view.duplicates or #view.space.order == 0 then return propose(0) end
  local visited = view.visited
  if visited:exhausted() then
    return nil, "end", ("space exhausted (%d/%d)"):format(visited.leaves, visited.leaves)
  end
  local pending = M.pending_signatures(view)
  for attempt = 0, 10 * TRIES do
    local plan = propose(math.min(attempt, TRIES))
    if attempt > TRIES then
      visited:divert(plan, view.space, function(depth)
        return core.study_uniform(view.seed, view.number, "left", attempt * 64 + depth)
      end)
    end
    local s, tried = visited:signature(plan, view.space)
    if not s or not (tried or pending[s]) then return plan end
  end
  if next(pending) then return nil, "wait" end
  return propose(0)
end

return M
