local base = require "mlp.callbacks.base"
local check = require "mlp.check"
local probe = require "mlp.plot.probe"
local class = base.class

--- Note at the end of every epoch, layer by layer, the norm of the gradient on some rows, the step
--- that the first batch of the epoch made relative to the weights, and a histogram of the weights.
--- Options: data (a dataset or { x =, y = }), rows 256 (of it, the first), bins 40.
--- Draw it with mlp.plot.gradient_norms, gradient_heatmap, update_ratio, weight_ridge.
--- Source of the ratio: Karpathy, CS231n notes, "Ratio of weights:updates" (about 1e-3).
--- @class mlp.LayerMonitor
--- @field layers string[] names
--- @field gradient_norm number[][] [layer][epoch]
--- @field update_ratio number[][] [layer][epoch]
--- @field weights table[][] [layer][epoch] = { low =, high =, counts = }
local LayerMonitor = class("LayerMonitor", { data = check.none, rows = 256, bins = 40 })

function LayerMonitor:init()
  check.whole("LayerMonitor", "rows", self.rows, 1)
  check.whole("LayerMonitor", "bins", self.bins, 2)
  self.x, self.y = probe.arrays("LayerMonitor", self.data, self.rows)
  if not self.y then
    check.raise("argument", "LayerMonitor: option 'data': expected targets y, got none")
  end
end

function LayerMonitor:on_train_begin()
  self.layers, self.gradient_norm, self.update_ratio, self.weights = {}, {}, {}, {}
end

local function start(self, list)
  for i, w in ipairs(list) do
    self.layers[i] = w.name
    self.gradient_norm[i], self.update_ratio[i], self.weights[i] = {}, {}, {}
  end
end

function LayerMonitor:on_train_batch_begin(batch)
  if batch ~= 1 then return end
  local before = {}
  for i, w in ipairs(probe.weighted(self.model)) do before[i] = w.kernel:detach():clone() end
  self.before = before
end

function LayerMonitor:on_train_batch_end(batch)
  if batch ~= 1 then return end
  local list = probe.weighted(self.model)
  if #self.layers == 0 then start(self, list) end
  for i, w in ipairs(list) do
    local before = self.before[i]
    local size = before and probe.norm(before) or 0
    local step = before and probe.norm(w.kernel:detach() - before) or 0
    table.insert(self.update_ratio[i], size > 0 and step / size or 0 / 0)
  end
end

local function histogram(values, bins)
  local core = require("mlp.core").plot
  local low, high = core.range(values)
  if not low or low == high then low, high = (low or 0) - 0.5, (low or 0) + 0.5 end
  return { low = low, high = high, counts = core.histogram(values, bins, low, high) }
end

function LayerMonitor:on_epoch_end()
  local _, gradients = probe.gradients(self.model, self.x, self.y)
  for i, w in ipairs(probe.weighted(self.model)) do
    table.insert(self.gradient_norm[i], probe.norm(gradients[i]))
    table.insert(self.weights[i], histogram(w.kernel:detach(), self.bins))
  end
end

return LayerMonitor
