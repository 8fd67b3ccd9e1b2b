local check = require "mlp.check"
local hooks = require "mlp.hooks"

local M = {}

--- Any hooks, as functions in a table. Its other name is mlp.LambdaCallback.
--- @usage mlp.Lambda { on_epoch_end = function(_, epoch) print(epoch) end }
function M.new(functions)
  local presets = {}
  for _, name in ipairs(hooks.NAMES) do presets[name] = check.none end
  for _, name in ipairs { "every", "on_before_step", "on_after_step" } do
    presets[name] = check.none
  end
  if type(functions) == "table" and functions.call ~= nil then
    check.raise("argument", "LambdaCallback: 'call' makes a layer, mlp.layers.Lambda; this is the "
      .. "callback, whose hooks are on_epoch_end and the like")
  end
  local self = check.options("LambdaCallback", functions, presets)
  self.who = "LambdaCallback"
  return self
end

return M
