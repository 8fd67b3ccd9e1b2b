local base = require "mlp.callbacks.base"
local check = require "mlp.check"
local core = require "mlp.core"
local class = base.class

--- Stop when the gradient's norm falls under a limit: Euclidean, over all weights, before clipping,
--- the mean over an epoch's batches. Where batch_size is "all" that is the gradient itself, and the
--- training ends near a stationary point. Options: tolerance 1e-5 (may be given alone), every 1: of
--- so many steps one is looked at, log false: a column gradient_norm in the history.
--- Source: Nocedal & Wright 2006, "Numerical optimization", section 3.2.
--- @class mlp.GradientTolerance
--- @usage model:fit(d, { batch_size = "all", callbacks = { mlp.GradientTolerance(1e-4) } })
local GradientTolerance = class("GradientTolerance", {
  tolerance = 1e-5, every = 1, log = false,
}, { "sum", "n" }, "tolerance")

function GradientTolerance:init()
  check.number(self.who, "tolerance", self.tolerance, 0, math.huge)
  self.every = check.whole(self.who, "every", self.every, 1)
  if self.log then self.log_names = { "gradient_norm" } end
end

function GradientTolerance:on_train_begin() self.sum, self.n = 0, 0 end

function GradientTolerance:on_before_step()
  local sum = 0
  for _, layer in ipairs(self.model.layers) do
    for _, weight in ipairs(layer:weights()) do
      if weight.trainable then sum = sum + core.stats(weight.tensor.grad).norm ^ 2 end
    end
  end
  self.sum, self.n = self.sum + math.sqrt(sum), self.n + 1
end

function GradientTolerance:add_logs(logs)
  local mean = self.n > 0 and self.sum / self.n or math.huge
  self.sum, self.n = 0, 0
  if self.log and mean < math.huge then logs.gradient_norm = mean end
  if mean < self.tolerance then self.model:stop_training "gradient_tolerance" end
end

return GradientTolerance
