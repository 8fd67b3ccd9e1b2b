local check = require "mlp.check"
local hooks = require "mlp.hooks"

local M = {}

--- Any hooks, as functions in a table.
--- @usage mlp.Lambda { on_epoch_end = function(self, epoch, logs) print(epoch, logs.loss) end }
function M.new(functions)
  local presets = {}
  for _, name in ipairs(hooks.NAMES) do presets[name] = check.none end
  local self = check.options("Lambda", functions, presets)
  self.who = "Lambda"
  return self
end

return M
