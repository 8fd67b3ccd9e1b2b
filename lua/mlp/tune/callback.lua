--- The callback that ties a trial to model:fit: a report an epoch, and the pruner's word.
local base = require "mlp.callbacks.base"

return function(trial, monitor, offset, backup)
  local callback = backup and require("mlp.tune.backup").new(trial, offset) or {}
  callback.monitor, callback.mode, callback.who = monitor, "auto", "trial:callback"

  function callback:on_train_begin() base.find_monitor(self) end

  function callback:on_epoch_end(epoch, logs)
    local value = logs[self.column]
    if value == nil then return end
    trial:log(epoch + offset, logs)
    trial:report(value, epoch + offset)
    if trial:should_prune() then
      trial.pruned = true
      self.model:stop_training "pruned"
    end
  end

  function callback.on_train_end()
    if trial.pruned then trial:prune() end
  end

  return callback
end
