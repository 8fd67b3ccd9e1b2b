local base = require "mlp.callbacks.base"
local check = require "mlp.check"
local class = base.class

--- Set the learning rate before each epoch to schedule(epoch, rate), with epochs from 1 and the
--- rate that there is. Options: schedule (a function; may be given alone), verbose 0.
--- Source: Keras 3, callbacks.LearningRateScheduler, whose epochs count from 0.
--- @class mlp.LearningRateScheduler
--- @usage mlp.LearningRateScheduler(function(epoch, rate) return 0.1 / epoch end)
local LearningRateScheduler = class("LearningRateScheduler", {
  schedule = check.none, verbose = 0,
}, nil, "schedule")
LearningRateScheduler.sets_learning_rate = true

function LearningRateScheduler:init()
  if type(self.schedule) ~= "function" then
    check.raise("argument",
      "LearningRateScheduler: option 'schedule': expected a function (epoch, rate), got %s",
      tostring(self.schedule))
  end
end

function LearningRateScheduler:on_train_begin() base.check_rate_is_free(self) end

function LearningRateScheduler:on_epoch_begin(epoch)
  local optimizer = self.model.optimizer
  local rate = self.schedule(epoch, optimizer.learning_rate)
  if type(rate) ~= "number" then
    check.raise("argument",
      "LearningRateScheduler: expected schedule(%d) to return a number, got %s", epoch,
      tostring(rate))
  end
  optimizer.learning_rate = rate
  base.say(self, "Epoch %d: LearningRateScheduler setting learning rate to %g.", epoch, rate)
end

return LearningRateScheduler
