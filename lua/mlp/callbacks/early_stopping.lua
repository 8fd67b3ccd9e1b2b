local base = require "mlp.callbacks.base"
local check = require "mlp.check"
local class = base.class

--- Stop when a metric has not improved for `patience` epochs.
--- Options as in Keras, but for restore_best_weights, which is on: monitor "val_loss", min_delta 0,
--- patience 0, mode "auto" | "min" | "max", baseline, start_from_epoch 0. NaN counts as worst.
--- Source: Prechelt 1998, "Early stopping - but when?"; Keras 3, callbacks.EarlyStopping.
--- @class mlp.EarlyStopping
local EarlyStopping = class("EarlyStopping", {
  monitor = "val_loss", min_delta = 0, patience = 0, mode = "auto", baseline = check.none,
  restore_best_weights = true, start_from_epoch = 0, verbose = 0,
}, { "wait", "best", "best_epoch", "best_weights" })

function EarlyStopping:init()
  check.whole("EarlyStopping", "patience", self.patience, 0)
  check.whole("EarlyStopping", "start_from_epoch", self.start_from_epoch, 0)
  base.check_mode(self)
end

function EarlyStopping:on_train_begin()
  base.find_monitor(self)
  self.wait, self.best, self.best_epoch, self.best_weights = 0, nil, nil, nil
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
    return
  end
  if self.wait >= self.patience and epoch > 1 then self.model:stop_training "early_stopping" end
end

function EarlyStopping:on_train_end()
  self.params.history.best_epoch = self.best_epoch
  if self.restore_best_weights and self.best_weights then
    self.model:set_weights(self.best_weights)
  end
end

return EarlyStopping
