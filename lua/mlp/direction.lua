--- Is a larger value of what is logged under a name better? So it is where the name has that of a
--- metric in it whose larger values are better, or the short name of one.
local core = require "mlp.core"

local M = {}

local better = { acc = true, auc = true, f1 = true, r2 = true }
for _, kind in ipairs(core.registry().metric) do
  better[kind.name] = kind.larger_is_better or nil
end

local known = {} -- answers, by name

--- Of a metric that a script has written.
function M.set(name, larger)
  better[name], known = larger or nil, {}
end

local function has_such_part(name)
  for part in pairs(better) do
    if name:find(part, 1, true) then return true end
  end
  return false
end

function M.larger_is_better(name)
  if known[name] == nil then known[name] = has_such_part(name) end
  return known[name]
end

return M
