local base = require "mlp.callbacks.base"
local check = require "mlp.check"
local core = require "mlp.core"
local class = base.class

--- Evaluate with averaged weights: with an optimizer that has use_ema = true, weights and averages
--- change places around each evaluation and prediction. swap_on_epoch true: they stay swapped from
--- the end of an epoch to the beginning of the next, so that callbacks after this one, such as
--- ModelCheckpoint, see the averages. fit ends with the averages in any case.
--- Source: Keras 3, callbacks.SwapEMAWeights.
--- @class mlp.SwapEMAWeights
local SwapEMAWeights = class("SwapEMAWeights", { swap_on_epoch = false }, { "swapped" })

--- Averages into the model (true), or weights (false).
local function put(self, averages)
  if (self.swapped or false) == averages then return end
  if core.model_swap_average(self.model) then self.swapped = averages end
end

function SwapEMAWeights:on_train_begin()
  local optimizer = self.model.optimizer
  if not optimizer.use_ema then
    check.raise("argument", "SwapEMAWeights: expected an optimizer with use_ema = true, got %s",
      tostring(optimizer))
  end
  self.swapped = false
end

function SwapEMAWeights:on_epoch_begin() put(self, false) end

function SwapEMAWeights:on_epoch_end()
  if self.swap_on_epoch then put(self, true) end
end

--- fit is about to end with the averages.
function SwapEMAWeights:before_average() put(self, false) end

function SwapEMAWeights:on_test_begin() put(self, true) end

function SwapEMAWeights:on_test_end() put(self, false) end

function SwapEMAWeights:on_predict_begin() put(self, true) end

function SwapEMAWeights:on_predict_end() put(self, false) end

return SwapEMAWeights
