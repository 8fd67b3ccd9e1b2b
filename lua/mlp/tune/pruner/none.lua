--- No pruning.
local None = { name = "none", uses_values = false }
None.__index = None
function None.prune() return false end
return function() return setmetatable({}, None) end
