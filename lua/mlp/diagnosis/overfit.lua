--- mlp.check.overfit: is the model powerful enough to learn a few rows by heart? If not, change its
--- structure or make it larger (Y. Bengio in the lecture, S39).
local check = require "mlp.check"
local core = require "mlp.core"
local reference = require "mlp.diagnosis.reference"
local score = require "mlp.diagnosis.score"

local M = {}

--- @class mlp.Overfit
--- @field ok boolean
--- @field steps integer
--- @field loss number  of the rows; for values over their variance
--- @field accuracy number?
--- @field rows integer
local Overfit = { __name = "mlp.Overfit" }
Overfit.__index = Overfit

function Overfit:__tostring()
  local text = ("%d rows after %d steps: loss %.2g"):format(self.rows, self.steps, self.loss)
  if self.accuracy then text = text .. (", accuracy %.3f"):format(self.accuracy) end
  if self.ok then return text .. ": learned by heart" end
  return text .. ": not learned; increase capacity (more units or layers), weaken regularization, "
    .. "or raise the learning rate"
end

--- @see mlp.check.overfit
function M.overfit(model, data, options)
  local o = check.options("overfit", options, { n = 20, steps = 2000, loss = 1e-3 })
  if not model.optimizer then
    check.raise("state", "overfit: expected a compiled model; call model:compile{...} first")
  end
  local n = check.whole("overfit", "n", o.n, 1)
  local steps = check.whole("overfit", "steps", o.steps, 1)
  local x, y = require("mlp.fit.data").arrays("overfit", data)
  x, y = reference.some_rows(x, n), reference.some_rows(y, n)
  local kind = score.loss_kind(model)
  local target = score.target(y, kind:find "crossentropy" ~= nil)
  local run = core.run(model, "train", x, y, x.shape[1], 0) -- builds the model
  local self = setmetatable({ rows = x.shape[1] }, Overfit)
  require "mlp.aside"(model, function()
    local scale = target.classes and 1 or math.max(target.constant, 1e-30)
    for step = 1, steps do
      if step > 1 then run:restart(0) end
      run:on(0)
      self.steps = step
      if run.diverged then break end
      if step % 50 == 0 or step == steps then
        local output = target.classes and model:predict_proba(x)
          or core.no_grad(function() return model(x) end)
        self.loss = score.mean(score.rows(target, output, scale))
        if target.classes then
          self.accuracy = 0
          for c, r in ipairs(score.recall(target, output)) do
            self.accuracy = self.accuracy + r * target.share[c]
          end
        end
        self.ok = self.loss < o.loss and (self.accuracy or 1) > 1 - 1e-9
        if self.ok then break end
      end
    end
  end)
  self.loss, self.ok = self.loss or math.huge, self.ok or false
  return self
end

return M
