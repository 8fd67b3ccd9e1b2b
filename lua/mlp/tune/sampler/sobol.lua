--- Quasi-random search: a Sobol' sequence, moved by a random shift, covers the space more evenly
--- than chance does.
--- Source: Sobol' 1967; Joe & Kuo 2008, direction numbers; Cranley & Patterson 1976, the shift.
local core = require "mlp.core"
local base = require "mlp.tune.sampler.base"

local Sobol = base.class { name = "sobol", uses_values = false }

function Sobol.plan(_, view)
  return base.distinct(view, function(attempt)
    if attempt > 0 then return base.uniform(view, attempt) end
    local plan = {}
    for i, name in ipairs(view.space.order) do
      local u = core.sobol(view.number, i) or core.study_uniform(view.seed, view.number, name, 0)
      u = (u + core.study_uniform(view.seed, 0, "shift of " .. name, 0)) % 1
      plan[name] = view.space.distribution[name]:from_unit(u)
    end
    return plan
  end)
end

return function() return setmetatable({}, Sobol) end
