local base = require "mlp.callbacks.base"
local check = require "mlp.check"
local class = base.class

--- Stop when a metric has not improved for `patience` epochs.
--- Options as in Keras, but for restore_best_weights, which is on: monitor "val_loss", min_delta 0,
--- patience 0, mode "auto" | "min" | "max", baseline, start_from_epoch 0. NaN counts as worst.
--- As in Lightning: stopping_threshold (stop once the metric is better than that),
--- divergence_threshold (once it is worse), check_finite false (once it is NaN or infinite). Why it
--- stopped is in stopping_reason: "not_stopped", "patience_exhausted", "stopping_threshold",
--- "divergence_threshold" or "non_finite_metric", and in words in stopping_reason_message.
--- Source: Prechelt 1998, "Early stopping - but when?"; Keras 3, callbacks.EarlyStopping;
--- Lightning 2, callbacks.EarlyStopping.
--- @class mlp.EarlyStopping
local EarlyStopping = class("EarlyStopping", {
  monitor = "val_loss", min_delta = 0, patience = 0, mode = "auto", baseline = check.none,
  restore_best_weights = true, start_from_epoch = 0, verbose = 0, stopping_threshold = check.none,
  divergence_threshold = check.none, check_finite = false,
}, { "wait", "best", "best_epoch", "best_weights", "stopping_reason", "stopping_reason_message" },
  "monitor")

function EarlyStopping:init()
  check.whole("EarlyStopping", "patience", self.patience, 0)
  check.whole("EarlyStopping", "start_from_epoch", self.start_from_epoch, 0)
  for _, name in ipairs { "baseline", "stopping_threshold", "divergence_threshold" } do
    if self[name] ~= nil then
      check.number("EarlyStopping", name, self[name], -math.huge, math.huge)
    end
  end
  base.check_mode(self)
end

function EarlyStopping:on_train_begin()
  base.find_monitor(self)
  self.wait, self.best, self.best_epoch, self.best_weights = 0, nil, nil, nil
  self.stopping_reason, self.stopping_reason_message = "not_stopped", ""
end

local function stop(self, reason, fmt, ...)
  self.stopping_reason, self.stopping_reason_message = reason, fmt:format(...)
  base.say(self, "EarlyStopping: %s", self.stopping_reason_message)
  self.model:stop_training "early_stopping"
end

--- Is `value` on the better side of a limit?
local function is_better(self, value, limit)
  if self.larger then return value > limit end
  return value < limit
end

--- What ends the training at once.
local function check_value(self, epoch, value)
  if self.check_finite and value - value ~= 0 then
    stop(self, "non_finite_metric", "%s = %g at epoch %d is not finite", self.column, value, epoch)
  elseif self.stopping_threshold and is_better(self, value, self.stopping_threshold) then
    stop(self, "stopping_threshold", "%s = %g at epoch %d is better than %g", self.column, value,
      epoch, self.stopping_threshold)
  elseif self.divergence_threshold and is_better(self, self.divergence_threshold, value) then
    stop(self, "divergence_threshold", "%s = %g at epoch %d is worse than %g", self.column, value,
      epoch, self.divergence_threshold)
  end
end

function EarlyStopping:on_epoch_end(epoch, logs)
  local value = logs[self.column]
  if value == nil or epoch <= self.start_from_epoch then return end
  if self.restore_best_weights and not self.best_weights then
    self.best_weights = self.model:get_weights()
  end
  self.wait = self.wait + 1
  if base.improves(self, value, self.best) then
    self.best, self.best_epoch = value, epoch
    if self.restore_best_weights then self.best_weights = self.model:get_weights() end
    if self.baseline == nil or base.improves(self, value, self.baseline) then self.wait = 0 end
  elseif self.wait >= self.patience and epoch > 1 then
    return stop(self, "patience_exhausted", "%s did not improve for %d epochs, up to epoch %d",
      self.column, self.wait, epoch)
  end
  check_value(self, epoch, value)
end

function EarlyStopping:on_train_end()
  self.params.history.best_epoch = self.best_epoch
  if self.restore_best_weights and self.best_weights then
    self.model:set_weights(self.best_weights)
  end
end

return EarlyStopping
