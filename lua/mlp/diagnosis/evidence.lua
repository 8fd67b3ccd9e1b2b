--- What was measured about a model after its fit: losses, layers at the start and now, and, where a
--- cause asks for them, trials of the same training with something changed. Nothing here depends on
--- the clock, and the model is left as it was.
local core = require "mlp.core"
local inside = require "mlp.inside"
local reference = require "mlp.diagnosis.reference"
local score = require "mlp.diagnosis.score"

local M = {}

local ROWS <const>, BATCHES <const> = 1000, 8 -- looked at
local STEPS <const>, WORK <const> = 1500, 4e9 -- of a trial: steps; weights times rows times steps

--- @class mlp.Evidence
--- @field model mlp.Model
--- @field record mlp.FitRecord
--- @field target mlp.Target  of the rows looked at
--- @field train number  loss on training rows; 1 is that of a constant, 0 is perfect
--- @field validation number?  on validation rows, and validation_error
--- @field start number  on training rows, with the first weights
--- @field now mlp.LayerEvidence[]  and `first`, the same with the first weights
--- @field reference number  what a plain network gets on unseen rows
--- @field excess number  of the training loss over that, and `noise`, the error of the difference
--- @field failed boolean  is the training loss much worse than that?
local Evidence = {}
Evidence.__index = Evidence

--- @class mlp.LayerEvidence
--- @field name string
--- @field activation string
--- @field hidden boolean
--- @field dead number?  share of units that are zero on all rows
--- @field spread number  deviation over the rows, mean of its units
--- @field saturated number?  share of outputs at the end of their range
--- @field gradient number?  norm of the gradient of its bias, or kernel
--- @field alike boolean?  do all units have the same weights?

--- Do all columns of a kernel hold the same numbers?
local function alike(kernel)
  if kernel.ndim ~= 2 or kernel.shape[2] < 2 then return false end
  local k = kernel:detach():double()
  return (k:max(2) - k:min(2)):abs():max():item() <= 1e-6 * k:abs():max():item()
end

--- The norm of what tells most about the gradient that arrives at a layer: that of its bias, which
--- does not depend on the size of its inputs.
local function gradient_of(layer)
  local found
  for _, w in ipairs(layer:weights()) do
    if w.trainable and w.tensor.grad and (not found or w.name == "bias" or w.name == "beta") then
      found = w.tensor.grad
    end
  end
  return found and core.stats(found).norm
end

local CAN_DIE <const> = { relu = true, relu6 = true, hard_sigmoid = true }

--- For each layer the mean norm of its gradient over some batches: that of all rows together would
--- be smaller than what training sees.
local function gradients(model, x, y, size)
  local sums, batches = {}, math.max(1, math.min(BATCHES, x.shape[1] // size))
  for b = 1, batches do
    local from, to = (b - 1) * size + 1, math.min(b * size, x.shape[1])
    model:zero_grad()
    local p = model(x:slice(from, to), { training = true })
    model:loss(y:slice(from, to), p):backward()
    for _, layer in ipairs(model.layers) do
      local g = gradient_of(layer)
      sums[layer.name] = g and (sums[layer.name] or 0) + g / batches
    end
  end
  model:zero_grad()
  return sums
end

--- Look at every layer with the weights that the model has now.
local function layers_of(model, x, y, size)
  local ok, gradient = pcall(gradients, model, x, y, size)
  local values, list, last = inside.outputs(model, { x }), {}, 0
  for i, use in ipairs(core.model_uses(model)) do
    local layer, activation = use.layer, inside.activation(use.layer)
    local limits = inside.limits(layer)
    local stats = core.stats(values[i]:float(), { low = limits[1], high = limits[2], units = true })
    local e = { name = layer.name, kind = layer.kind, activation = activation }
    e.dead = CAN_DIE[activation] and stats.dead or nil
    e.spread = values[i]:float():reshape(x.shape[1], -1):std(1):mean():item()
    e.saturated, e.gradient = stats.saturated, ok and gradient[layer.name] or nil
    for _, w in ipairs(layer:weights()) do
      if w.name == "kernel" then e.alike, last = alike(w.tensor), i end
    end
    list[i] = e
  end
  for i, e in ipairs(list) do e.hidden = i < last end
  return list
end

--- The model's output, without a tape.
local function call(model, x, training)
  return core.no_grad(function() return model(x, { training = training or false }) end)
end

--- Mean loss on rows, on the common scale, and its standard error.
function Evidence:loss(x, target)
  local model = self.model
  local output = self.target.classes and model:predict_proba(x) or call(model, x)
  return score.mean(score.rows(target, output, self.target.constant))
end

--- The first weights in the model; to be called inside mlp.aside.
function Evidence:rewind() self.model:set_weights(self.record.weights) end

--- How many steps a trial may take.
local function budget(self)
  local work = self.model:count() * self.record.batch_size
  return math.floor(math.max(100, math.min(STEPS, WORK / work)))
end

--- The training loss after the same training, shorter where it was long, from the first weights (or
--- those of now) with `factor` times the learning rate; nil where it diverged. Kept.
--- @param factor number
--- @param options? { from_now?: boolean, x?: mlp.Tensor }
--- @return number
function Evidence:trial(factor, options)
  options = options or {}
  local key = ("%g %s %s"):format(factor, options.from_now, options.x)
  self.trials = self.trials or {}
  if self.trials[key] then return self.trials[key] end
  local record, model = self.record, self.model
  local loss = require "mlp.aside"(model, function()
    if not options.from_now then self:rewind() end
    model.optimizer.learning_rate = record.rate * factor
    local x = options.x or record.x
    local run, epoch = core.run(model, "train", x, record.y, record.batch_size, 1, 0,
      record.train.w), 1
    local left = options.from_now and budget(self) or math.min(budget(self), self.steps)
    while left > 0 and not run.diverged do
      if run.done then
        epoch = epoch + 1
        run:restart(epoch)
      end
      local before = run.batches
      run:on(math.min(left, self.epoch_steps - before))
      left = left - math.max(1, run.batches - before)
    end
    if run.diverged then return math.huge end
    return (self:loss(reference.some_rows(x, ROWS), self.target))
  end)
  self.trials[key] = loss
  return loss
end

--- How far the first steps move the weights: norm of the step over norm of the weights, the median
--- over kernels, as it is at the learning rate of the fit.
--- @return number
function Evidence:step_ratio()
  if self.ratio then return self.ratio end
  local record, model = self.record, self.model
  self.ratio = require "mlp.aside"(model, function()
    self:rewind()
    model.optimizer.learning_rate = record.rate
    local run = core.run(model, "train", record.x, record.y, record.batch_size, 1, 0,
      record.train.w)
    local n, ratios = 0, {}
    repeat
      run:on(1)
      n = n + 1
    until n == 20 or run.done or run.diverged
    local i = 0
    for _, layer in ipairs(model.layers) do
      for _, w in ipairs(layer:weights()) do
        i = i + 1
        local before = record.weights[i]
        local size = core.stats(before:float()).norm
        if w.name == "kernel" and size > 0 then
          local step = core.stats(w.tensor:detach():float(), { from = before:float() })
          ratios[#ratios + 1] = step.norm / size / n
        end
      end
    end
    table.sort(ratios)
    return ratios[#ratios // 2 + 1] or 0
  end)
  return self.ratio
end

--- The share of the loss that is a penalty on weights; 0 where the loss is of a kind that cannot be
--- told from it.
--- @return number
function Evidence:penalty_share()
  local squares = score.loss_kind(self.model) == "mean_squared_error"
  if not self.crossentropy and not squares or self.diverged then return 0 end
  local columns = squares and self.y.ndim > 1 and self.y.shape[2] or 1
  local own = self.train * self.target.constant / columns
  local total = core.no_grad(function()
    return self.model:loss(self.y, self.model(self.x)):item()
  end)
  return math.max(0, total - own) / total
end

--- Everything that is always measured.
--- @param model mlp.Model
--- @param record mlp.FitRecord
--- @return mlp.Evidence
function M.gather(model, record)
  local self = setmetatable({ model = model, record = record }, Evidence)
  self.crossentropy = score.loss_kind(model):find "crossentropy" ~= nil
  self.x, self.y = reference.some_rows(record.x, ROWS), reference.some_rows(record.y, ROWS)
  self.target = score.target(self.y, self.crossentropy)
  self.epoch_steps = math.ceil(record.x.shape[1] / record.batch_size)
  self.steps = math.max(1, model.iterations - record.step)
  if self.target.constant <= 0 then return self end
  self.train, self.train_error = self:loss(self.x, self.target)
  local v = record.validation
  if v and v.y[1] then
    self.vx, self.vy = reference.some_rows(v.x[1], ROWS), reference.some_rows(v.y[1], ROWS)
    self.validation, self.validation_error = self:loss(self.vx,
      score.target(self.vy, self.crossentropy, self.target.k))
  end
  require "mlp.aside"(model, function()
    self.now = layers_of(model, self.x, self.y, record.batch_size)
    self.batch_loss = self:batch_loss()
    self:rewind()
    self.first = layers_of(model, self.x, self.y, record.batch_size)
    self.start = self:loss(self.x, self.target)
    self.reference, self.reference_error = reference.loss(record.x, record.y, self.crossentropy)
  end)
  self.diverged = (record.history.stop_reason or ""):find "^non%-finite" ~= nil
  self.excess = self.train - self.reference
  self.noise = math.sqrt(self.reference_error ^ 2 + self.train_error ^ 2)
  self.failed = self.diverged or self.train ~= self.train
    or self.excess > 0.1 + 2 * self.noise
  return self
end

--- The loss of the rows in training mode, with their own batch statistics, on the common scale.
function Evidence:batch_loss()
  local output = call(self.model, self.x, true)
  if not self.target.classes then
    return (score.mean(score.rows(self.target, output, self.target.constant)))
  end
  local before = self.model:loss(self.y, call(self.model, self.x))
  local after = self.model:loss(self.y, output)
  return self.train + (after:item() - before:item()) / self.target.constant
end

return M
