--- Monitors: callbacks that look into the network at step 1, every + 1, 2 every + 1... of its life
--- and at the first step of a fit, or at that of each epoch where every = "epoch"; they change no
--- bit of the training. What they saw is in `rows`, one a tensor and sample, in order:
---
---   { epoch = 1, step = 101, layer = "dense_1", name = "kernel", n = 64,
---     norm =, mean =, sd =, min =, max =,   over the finite elements, sd over n
---     zero =,                               share of exact zeros
---     nonfinite =,                          count of NaN and infinities
---     histogram = { low =, high =, counts = { ... } } }    where bins > 0
---
--- `monitor:series "norm"` gives one field as a table to draw. Options of all: every 250 steps;
--- bins 0, of the histograms; layers, a list of names (all); log false: a column in the history.
local core = require "mlp.core"
local check = require "mlp.check"
local inside = require "mlp.inside"

local M = {}

--- @class mlp.Monitor
--- @field rows table[]
--- @field what string  "gradients", "weights", "updates" or "activations"
local Monitor = { __name = "mlp.Monitor" }
Monitor.__index = Monitor

local function new(what, options, extra)
  local presets = { every = check.any(250), bins = 0, layers = check.none, log = false }
  for name, preset in pairs(extra or {}) do presets[name] = preset end
  local who = "monitor." .. what
  local self = setmetatable(check.options(who, options, presets), Monitor)
  self.who, self.what, self.rows = who, what, {}
  self.given = { every = self.every, bins = self.bins, log = self.log }
  if self.every ~= "epoch" then self.every = check.whole(who, "every", self.every, 1) end
  self.bins = check.whole(who, "bins", self.bins, 0)
  return self
end

--- A set of the layers to look at; raises for one that the model does not have.
local function wanted(self)
  if not self.layers then return nil end
  local names, known, set = {}, {}, {}
  for i, layer in ipairs(self.model.layers) do
    names[i], known[layer.name] = layer.name, true
  end
  for _, name in ipairs(self.layers) do
    if not known[name] then
      check.raise("argument", "%s: option 'layers': no layer is named '%s'%s; there are: %s",
        self.who, tostring(name), check.hint(name, names), table.concat(names, ", "))
    end
    set[name] = true
  end
  return set
end

function Monitor:on_train_begin()
  self.rows, self.sums, self.chosen = {}, { square = 0, base = 0, n = 0 }, wanted(self)
end

function Monitor:on_epoch_begin(epoch) self.epoch = epoch end

local function add_row(self, step, layer, name, row)
  row.epoch, row.step, row.layer, row.name = self.epoch, step, layer, name
  self.rows[#self.rows + 1] = row
  return row
end

--- Call f(layer, weight) for the trainable weights of the chosen layers.
local function each_weight(self, f)
  for _, layer in ipairs(self.model.layers) do
    if not self.chosen or self.chosen[layer.name] then
      for _, weight in ipairs(layer:weights()) do
        if weight.trainable then f(layer, weight) end
      end
    end
  end
end

--- Add to the epoch's column: the root of a sum of squares, over that of `base` where there is one.
local function note(self, square, base)
  self.sums.square, self.sums.n = self.sums.square + math.sqrt(square / (base or 1)),
    self.sums.n + 1
end

local function add_column(monitor, name)
  if not monitor.log then return end
  monitor.log_names = { name }
  function monitor:add_logs(logs)
    if self.sums.n > 0 then logs[name] = self.sums.square / self.sums.n end
    self.sums.square, self.sums.n = 0, 0
  end
end

--- A monitor of one tensor a weight, of(weight), looked at in that hook. Its column is the norm of
--- all of them together.
local function watch(what, column, hook, of, options)
  local monitor = new(what, options)
  add_column(monitor, column)
  monitor[hook] = function(self, step)
    local sum = 0
    each_weight(self, function(layer, weight)
      local row = core.stats(of(weight), { bins = self.bins })
      sum = sum + add_row(self, step, layer.name, weight.name, row).norm ^ 2
    end)
    note(self, sum)
  end
  return monitor
end

--- Gradients of each weight, as the loss gives them: before clipping, decay and the optimizer.
--- With log = true the history has gradient_norm: of all of them, the mean of the epoch's samples.
--- @param options? table  every 250, bins 0, layers, log false
--- @return mlp.Monitor
--- @usage local watch = mlp.monitor.gradients { every = 20 }; fit with callbacks = { watch }
function M.gradients(options)
  return watch("gradients", "gradient_norm", "on_before_step", function(weight)
    return weight.tensor.grad
  end, options)
end

--- Each weight, after the step. With log = true the history has weight_norm.
--- @param options? table  every 250, bins 0, layers, log false
--- @return mlp.Monitor
function M.weights(options)
  return watch("weights", "weight_norm", "on_after_step", function(weight)
    return weight.tensor
  end, options)
end

local function copy_of(tensor) return tensor:detach():clone() end

--- How far a step moved each weight. A row is about new - old, and has `ratio`: the norm of that
--- over the norm of the weight before; near 0.001 is a common sign of a good learning rate. With
--- log = true the history has update_ratio, over all weights.
--- @param options? table  every 250, bins 0, layers, log false
--- @return mlp.Monitor
function M.updates(options)
  local monitor, before = new("updates", options), {}
  add_column(monitor, "update_ratio")
  function monitor:on_before_step()
    local i = 0
    core.no_grad(each_weight, self, function(_, weight)
      i = i + 1
      if before[i] then before[i]:copy_(weight.tensor) else before[i] = copy_of(weight.tensor) end
    end)
  end
  function monitor:on_after_step(step)
    local i, moved, size = 0, 0, 0
    each_weight(self, function(layer, weight)
      i = i + 1
      local norm = before[i]:norm():item()
      local row = core.stats(weight.tensor, { from = before[i], bins = self.bins })
      add_row(self, step, layer.name, weight.name, row).ratio = row.norm / norm
      moved, size = moved + row.norm ^ 2, size + norm ^ 2
    end)
    note(self, moved, size)
  end
  function monitor.on_train_end() before = {} end
  return monitor
end

--- The first rows of the training data.
local function probe(self)
  local x, list = self.params.x, {}
  for i, t in ipairs(core.is_tensor(x) and { x } or x) do
    list[i] = t:slice(1, math.min(self.samples, t.shape[1]))
  end
  return list
end

--- The output of each layer for the first rows of the training data, without dropout. A row has
--- name "output", and `dead`: the share of units that are zero for all of these rows; and of tanh,
--- sigmoid and the like `saturated`: the share of outputs within 3 % of the end of their range.
--- With log = true the history has dead_units: their share of the units of all layers.
--- @param options? table  samples 64 (rows), every 250, bins 0, layers, log false
--- @return mlp.Monitor
function M.activations(options)
  local monitor = new("activations", options, { samples = 64 })
  monitor.samples = check.whole(monitor.who, "samples", monitor.samples, 1)
  add_column(monitor, "dead_units")
  function monitor:on_before_step(step)
    local values = inside.outputs(self.model, probe(self))
    local dead, units = 0, 0
    for i, use in ipairs(core.model_uses(self.model)) do
      local layer, width = use.layer, values[i].shape[values[i].ndim]
      if not self.chosen or self.chosen[layer.name] then
        local limits = inside.limits(layer)
        local row = add_row(self, step, layer.name, "output", core.stats(values[i],
          { low = limits[1], high = limits[2], bins = self.bins, units = true }))
        dead, units = dead + row.dead * width, units + width
      end
    end
    note(self, (dead / math.max(units, 1)) ^ 2)
  end
  return monitor
end

--- One field of all rows: { names = { "dense_1.kernel", ... } in order, steps = { 1, 101, ... },
--- epochs = { 1, 1, ... }, values = { ["dense_1.kernel"] = { one a step } } }.
--- @param field string  "norm", "mean", "sd", "zero", "ratio", "dead"...
--- @return table
--- @usage local s = watch:series "norm"; print(s.values["dense_1.kernel"][1])
function Monitor:series(field)
  local first = self.rows[1] -- all rows have the same fields
  if first and type(first[field]) ~= "number" then
    local known = {}
    for name, v in pairs(first) do
      if type(v) == "number" then known[#known + 1] = name end
    end
    table.sort(known)
    check.raise("argument", "%s.series: expected a field, got %s%s; known fields: %s", self.who,
      check.what(field), check.hint(field, known), table.concat(known, ", "))
  end
  local series = { names = {}, steps = {}, epochs = {}, values = {} }
  for _, row in ipairs(self.rows) do
    local name = self.what == "activations" and row.layer or row.layer .. "." .. row.name
    if row.step ~= series.steps[#series.steps] then
      series.steps[#series.steps + 1] = row.step
      series.epochs[#series.epochs + 1] = row.epoch
    end
    if not series.values[name] then
      series.values[name] = {}
      series.names[#series.names + 1] = name
    end
    series.values[name][#series.steps] = row[field]
  end
  return series
end

--- A line for each tensor of the last sample.
function Monitor:__tostring()
  local last = self.rows[#self.rows]
  if last == nil then
    return ("monitor of %s: no samples yet; every = %s"):format(self.what, self.every)
  end
  local lines = { ("%s at step %d, epoch %d"):format(self.what, last.step, last.epoch),
    ("%-28s %10s %10s %10s %8s"):format("", "norm", "mean", "sd", "zero") }
  for _, row in ipairs(self.rows) do
    if row.step == last.step then
      local name = row.layer .. "." .. row.name
      lines[#lines + 1] = ("%-28s %10.3g %10.3g %10.3g %7.1f%%"):format(name, row.norm,
        row.mean, row.sd, 100 * row.zero)
    end
  end
  return table.concat(lines, "\n")
end

--- For checkpoints: what was seen so far.
function Monitor:get_state() return { rows = self.rows, sums = self.sums, epoch = self.epoch } end

--- What get_state gave.
function Monitor:set_state(state)
  self.rows, self.sums, self.epoch = state.rows, state.sums, state.epoch
end

return M
