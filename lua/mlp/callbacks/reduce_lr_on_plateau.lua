local base = require "mlp.callbacks.base"
local check = require "mlp.check"
local class = base.class

--- Multiply the learning rate by `factor` when a metric has not improved for `patience` epochs.
--- Options as in Keras: monitor "val_loss", factor 0.1, patience 10, mode "auto" | "min" | "max",
--- min_delta 1e-4, cooldown 0, min_lr 0, verbose 0. NaN counts as worst.
--- Source: Keras 3, callbacks.ReduceLROnPlateau.
--- @class mlp.ReduceLROnPlateau
local ReduceLROnPlateau = class("ReduceLROnPlateau", {
  monitor = "val_loss", factor = 0.1, patience = 10, mode = "auto", min_delta = 1e-4,
  cooldown = 0, min_lr = 0, verbose = 0,
}, { "wait", "rest", "best" }, "monitor")
ReduceLROnPlateau.sets_learning_rate = true

function ReduceLROnPlateau:init()
  check.number(self.who, "factor", self.factor, 0, 1)
  if self.factor == 1 then
    check.raise("argument", "ReduceLROnPlateau: option 'factor': expected less than 1, got 1")
  end
  check.whole(self.who, "patience", self.patience, 0)
  check.whole(self.who, "cooldown", self.cooldown, 0)
  check.number(self.who, "min_lr", self.min_lr, 0, math.huge)
  base.check_mode(self)
end

function ReduceLROnPlateau:on_train_begin()
  base.find_monitor(self)
  base.check_rate_is_free(self)
  self.wait, self.rest, self.best = 0, 0, nil
end

function ReduceLROnPlateau:reduce(epoch)
  local optimizer = self.model.optimizer
  local old = optimizer.learning_rate
  if old <= self.min_lr then return end
  optimizer.learning_rate = math.max(old * self.factor, self.min_lr)
  self.rest, self.wait = self.cooldown, 0
  base.say(self, "Epoch %d: ReduceLROnPlateau reducing learning rate to %g.", epoch,
    optimizer.learning_rate)
end

function ReduceLROnPlateau:on_epoch_end(epoch, logs)
  local value = logs[self.column]
  if value == nil then return end
  if self.rest > 0 then self.rest, self.wait = self.rest - 1, 0 end
  if base.improves(self, value, self.best) then
    self.best, self.wait = value, 0
  elseif self.rest == 0 then
    self.wait = self.wait + 1
    if self.wait >= self.patience then self:reduce(epoch) end
  end
end

return ReduceLROnPlateau
