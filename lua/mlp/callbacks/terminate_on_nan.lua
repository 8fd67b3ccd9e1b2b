local base = require "mlp.callbacks.base"
local check = require "mlp.check"
local class = base.class

--- Raise at the end of a training that a loss of NaN or infinity stopped. fit always stops there,
--- with a warning, the reason in the history and the weights before that step: this callback is
--- for scripts that want an error (raise_error = true), or that come from Keras.
--- Source: Keras 3, callbacks.TerminateOnNaN.
--- @class mlp.TerminateOnNaN
local TerminateOnNaN = class("TerminateOnNaN", { raise_error = false })

function TerminateOnNaN:on_train_end()
  local reason = self.params.history.stop_reason or ""
  if self.raise_error and reason:find "^non%-finite" then
    check.raise("state", "TerminateOnNaN: %s", reason)
  end
end

return TerminateOnNaN
