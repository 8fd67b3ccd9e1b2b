--- The learning rate range test: train for a few steps while the rate rises, and see where the loss
--- falls fastest. Smith 2017, "Cyclical learning rates", arXiv:1506.01186, section 3.3; smoothing
--- and suggestion as in PyTorch Lightning's tuner (lr_finder.py).
local aside = require "mlp.aside"
local check = require "mlp.check"
local core = require "mlp.core"
local fit = require "mlp.fit.data"

local M = {}

local SKIP_FIRST <const>, SKIP_LAST <const> = 10, 1 -- points that do not count

--- @class mlp.LRFind
--- @field learning_rate number[]
--- @field loss number[]  smoothed
--- @field suggestion number?  the rate where the loss fell fastest
--- @field reason string?  why there is none
local LRFind = { __name = "mlp.LRFind" }
LRFind.__index = LRFind

--- Loss over learning rate, with the suggestion: see mlp.plot.lr_find.
--- @return mlp.Figure
function LRFind:plot(options) return require("mlp.plot").lr_find(self, options) end

--- The slope at point i: central, at the ends of first..last one-sided.
local function slope(loss, i, first, last)
  local a, b = math.max(i - 1, first), math.min(i + 1, last)
  return (loss[b] - loss[a]) / (b - a)
end

--- Set the suggestion of a finished test, or the reason why there is none.
local function suggest(result)
  local first, last = SKIP_FIRST + 1, #result.loss - SKIP_LAST
  if last - first < 1 then
    result.reason = ("the loss ended after %d steps, too few to see a slope; start from a smaller "
      .. "min_lr or take more steps"):format(#result.loss)
    return
  end
  local best, at = 0, nil
  for i = first, last do
    local s = slope(result.loss, i, first, last)
    if s < best then best, at = s, i end
  end
  result.suggestion = at and result.learning_rate[at]
  if not at then
    result.reason = "the loss fell nowhere; look at the data, or start from another min_lr"
  end
end

--- Train `run` with rising rates and note the smoothed losses.
local function sweep(model, run, o, result)
  local mean, weight, least = 0, 0, math.huge
  for i = 1, o.steps do
    local rate = o.min_lr * (o.max_lr / o.min_lr) ^ ((i - 1) / (o.steps - 1))
    model.optimizer.learning_rate = rate
    if run.done then run:restart(i) end
    run:on(1)
    mean, weight = o.beta * mean + (1 - o.beta) * run.batch_loss, o.beta * weight + (1 - o.beta)
    local loss = mean / weight
    if run.diverged or loss > o.stop_factor * least then return end
    least = math.min(least, loss)
    result.learning_rate[i], result.loss[i] = rate, loss
  end
end

local function read_options(options)
  local o = check.options("lr_find", options,
    { min_lr = 1e-6, max_lr = 1, steps = 100, batch_size = 32, beta = 0.98, stop_factor = 4 })
  o.steps = check.whole("lr_find", "steps", o.steps, 2)
  o.batch_size = check.whole("lr_find", "batch_size", o.batch_size, 1)
  check.number("lr_find", "min_lr", o.min_lr, 1e-30, 1e3)
  check.number("lr_find", "max_lr", o.max_lr, o.min_lr, 1e3)
  check.number("lr_find", "beta", o.beta, 0, 1 - 1e-9)
  check.number("lr_find", "stop_factor", o.stop_factor, 1, math.huge)
  return o
end

--- @see mlp.lr_find
function M.lr_find(model, data, options)
  local o = read_options(options)
  if not model.optimizer then
    check.raise("state", "lr_find: expected a compiled model; call model:compile{...} first")
  end
  local feed = fit.feed("lr_find", model, data)
  local result = setmetatable({ learning_rate = {}, loss = {} }, LRFind)
  local busy <close> = core.model_busy(model)
  if not busy then check.raise("state", "lr_find: the model is training") end
  -- builds the model
  local run = core.run(model, "train", feed.x, feed.y, o.batch_size, 1, 0, feed.w)
  aside(model, function() sweep(model, run, o, result) end)
  suggest(result)
  return result
end

return M
