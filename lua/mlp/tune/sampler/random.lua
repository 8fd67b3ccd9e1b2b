--- Random search: each value uniform under its prior, independent of all results. What was tried in
--- a discrete space is not tried again.
--- Source: Bergstra & Bengio 2012, JMLR 13.
local base = require "mlp.tune.sampler.base"

local Random = base.class { name = "random", uses_values = false }

--- Where equal trials are run again, it does not matter what was tried.
function Random.by_number(_, study) return study.duplicates end

function Random.plan(_, view)
  return base.distinct(view, function(attempt) return base.uniform(view, attempt) end)
end

return function() return setmetatable({}, Random) end
