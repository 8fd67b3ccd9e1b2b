local base = require "mlp.callbacks.base"
local check = require "mlp.check"
local core = require "mlp.core"
local class = base.class

--- Stochastic weight averaging: from epoch `start` on the mean of the weights at the end of each
--- epoch is kept, and the training ends with it. Moving averages of batch normalization are then
--- those of a pass over the training rows with the new weights. Options: start 0.8, a share of the
--- epochs, or a number of epochs after which it begins; learning_rate, which the rate goes to from
--- `start` on within annealing_epochs 10, by a cosine; where it is not given the rate stays.
--- Source: Izmailov et al. 2018, "Averaging weights leads to wider optima and better
--- generalization", arXiv:1803.05407; names as in Lightning, StochasticWeightAveraging.
--- @class mlp.SWA
--- @usage mlp.SWA { start = 0.75, learning_rate = 0.01 }
local SWA = class("SWA", {
  start = check.any(0.8), learning_rate = check.none, annealing_epochs = 10,
}, { "n", "average", "from_rate" })

function SWA:init()
  local kind = math.type(self.start)
  if not kind or self.start < 0 or kind == "float" and self.start >= 1 then
    check.raise("argument", "SWA: option 'start': expected a share such as 0.8, or a number of "
      .. "epochs, got %s", tostring(self.start))
  end
  self.annealing_epochs = check.whole(self.who, "annealing_epochs", self.annealing_epochs, 0)
  if self.learning_rate ~= nil then
    check.number(self.who, "learning_rate", self.learning_rate, 0, 1e3)
    self.sets_learning_rate = true
  end
end

--- The number of epochs before the first that is averaged.
local function before(self)
  if math.type(self.start) == "integer" then return self.start end
  return math.floor(self.start * self.params.epochs)
end

function SWA:on_train_begin()
  self.n, self.average, self.from_rate = 0, nil, nil
  if self.learning_rate then base.check_rate_is_free(self) end
end

--- cos(pi x) for x in [0, 1], by a polynomial: the same bits everywhere.
local function cosine(x)
  return core.tensor(math.pi * x, { dtype = "float64" }):cos():item()
end

function SWA:on_epoch_begin(epoch)
  local done = epoch - before(self)
  if not self.learning_rate or done < 1 then return end
  local optimizer = self.model.optimizer
  self.from_rate = self.from_rate or optimizer.learning_rate
  local x = self.annealing_epochs == 0 and 1 or math.min(1, (done - 1) / self.annealing_epochs)
  local share = (1 - cosine(x)) / 2
  optimizer.learning_rate = self.from_rate + (self.learning_rate - self.from_rate) * share
end

function SWA:on_epoch_end(epoch)
  if epoch <= before(self) then return end
  local now = self.model:get_weights()
  self.n = self.n + 1
  if self.n == 1 then
    self.average = now
    return
  end
  core.no_grad(function()
    for i, mean in ipairs(self.average) do mean:add_((now[i] - mean) / self.n) end
  end)
end

--
-- Batch normalization
--

local function normalizations(model)
  local list = {}
  for _, layer in ipairs(model.layers) do
    if layer.kind == "batch_normalization" and layer.momentum < 1 then list[#list + 1] = layer end
  end
  return list
end

--- What follows the batches; renormalized, the variance is the deviation's.
local function moving(layer)
  return { layer.moving_mean, layer.renorm and layer.moving_stddev or layer.moving_variance }
end

--- The momentum of a step: where it warms up (momentum = "auto"), at most t / (t + 1).
local function momentum_at(layer, t)
  return layer.warm_up and math.min(layer.momentum, t / (t + 1)) or layer.momentum
end

--- What one batch alone gives: an average that starts at 0 goes (1 - momentum) of the way to it.
local function batch_statistics(layer, step)
  local list, momentum = moving(layer), momentum_at(layer, step)
  for i, t in ipairs(list) do list[i] = t / (1 - momentum) end
  return list
end

--- Means over all batches of the statistics of each, as PyTorch's update_bn has them.
local function estimate(self, layers)
  local x, size, means = self.params.x, self.params.batch_size, {}
  x = core.is_tensor(x) and { x } or x
  for first = 1, x[1].shape[1], size do
    local part, k = {}, (first - 1) // size + 1
    for i, t in ipairs(x) do part[i] = t:slice(first, math.min(first + size - 1, t.shape[1])) end
    for _, layer in ipairs(layers) do
      for _, t in ipairs(moving(layer)) do t:fill_(0) end
    end
    self.model(#part == 1 and part[1] or part, { training = true })
    for i, layer in ipairs(layers) do
      local now = batch_statistics(layer, self.model.iterations)
      means[i] = means[i] or now
      for j, mean in ipairs(k > 1 and means[i] or {}) do mean:add_((now[j] - mean) / k) end
    end
  end
  for i, layer in ipairs(layers) do
    for j, t in ipairs(moving(layer)) do t:copy_(means[i][j]) end
    if layer.renorm then
      layer.moving_variance:copy_((means[i][2] ^ 2 - layer.epsilon):clamp(0, math.huge))
    end
  end
end

function SWA:on_train_end()
  if self.n == 0 then return end
  self.model:set_weights(self.average)
  local layers = normalizations(self.model)
  if #layers > 0 then core.no_grad(estimate, self, layers) end
end

return SWA
