local check = require "mlp.check"
local hooks = require "mlp.hooks"

local M = {}

--- A hook that does not hand on what it is called on.
local function without_self(f)
  return function(_, first, logs) return f(first, logs) end
end

--- Any hooks, as functions in a table, with Keras's arguments: epoch or batch and logs, or logs
--- alone; of on_before_step and on_after_step the step. Its other name is mlp.LambdaCallback. A
--- table of hooks that is a callback itself gets itself first.
--- @usage mlp.Lambda { on_epoch_end = function(epoch, logs) print(epoch, logs.loss) end }
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
  for name, f in pairs(self) do
    if name ~= "every" then
      if type(f) ~= "function" then
        check.raise("argument", "LambdaCallback: option '%s': expected a function, got %s", name,
          check.what(f))
      end
      self[name] = without_self(f)
    end
  end
  self.who = "LambdaCallback"
  return self
end

return M
