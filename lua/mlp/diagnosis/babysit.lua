--- mlp.check.babysit: the five views of the lecture's slide (lines 624 to 650): loss, data, what
--- happens in the layers, metric, and the space of hyper-parameters.
local check = require "mlp.check"
local core = require "mlp.core"
local inside = require "mlp.inside"
local record = require "mlp.diagnosis.record"
local reference = require "mlp.diagnosis.reference"

local M = {}

--- @class mlp.Views
--- @field loss mlp.Figure
--- @field data mlp.Figure
--- @field layers mlp.Figure
--- @field metric mlp.Figure
--- @field space mlp.Figure
local Views = { __name = "mlp.Views" }
Views.__index = Views

M.NAMES = { "loss", "data", "layers", "metric", "space" }

--- Write the five as PREFIX-loss.png, PREFIX-data.png...
--- @param prefix string
--- @return string[] paths
function Views:save(prefix)
  local paths = {}
  for i, name in ipairs(M.NAMES) do
    paths[i] = ("%s-%s.png"):format(prefix, name)
    self[name]:save(paths[i])
  end
  return paths
end

local function curve(history, name, title)
  local plot = require "mlp.plot"
  return plot.history(history, { metrics = { name }, title = title })
end

--- Of two features the points, else each feature's range; beside it how many rows a class has.
local function data_view(x, y, data)
  local plot = require "mlp.plot"
  local figure = plot.figure { cols = 2, title = "data" }
  local left, right = figure:panel(1, 1), figure:panel(1, 2)
  local flat = x.ndim > 2 and x:reshape(x.shape[1], -1) or x
  local classes = y.dtype == "int64" and y:reshape(y:numel())
  if flat.shape[2] == 2 then
    left:scatter(flat[{ {}, 1 }], flat[{ {}, 2 }], { classes = classes or nil, size = 4,
      values = not classes and y:reshape(y:numel()) or nil })
    left:set { xlabel = "x\u{2081}", ylabel = "x\u{2082}" }
  else
    left:line(nil, flat:mean(1), { label = "mean", low = flat:min(1), high = flat:max(1) })
    left:set { xlabel = "feature", ylabel = "mean, least, greatest" }
  end
  if classes then
    local counts = {}
    for _, c in ipairs(classes:totable()) do counts[c] = (counts[c] or 0) + 1 end
    for c = 1, math.max(#counts, data.n_classes or 0) do counts[c] = counts[c] or 0 end
    right:bars(nil, counts):set { xlabel = "class", ylabel = "rows", xinteger = true }
  else
    plot.hist(y, { panel = right, xlabel = "target" })
  end
  return figure
end

--- The largest trainable weight of a layer.
local function kernel_of(layer)
  local kernel
  for _, w in ipairs(layer:weights()) do
    if w.trainable and (not kernel or w.tensor:numel() > kernel:numel()) then kernel = w.tensor end
  end
  return kernel
end

--- Histograms of outputs, gradients and weights, a column a layer; of many layers the first, some
--- between, and the last.
local function layers_view(model, x, y)
  local plot = require "mlp.plot"
  model:zero_grad()
  model:loss(y, model(x)):backward()
  local values, list = inside.outputs(model, { x }), {}
  for i, use in ipairs(core.model_uses(model)) do
    local kernel = kernel_of(use.layer)
    if kernel then list[#list + 1] = { use.layer.name, values[i], kernel.grad, kernel:detach() } end
  end
  local cols = math.min(5, #list)
  local figure = plot.figure { rows = 3, cols = cols, width = math.max(6.4, 3 * cols), height = 8 }
  local names = { "outputs", "gradients", "weights" }
  for col = 1, cols do
    local at = list[cols == 1 and 1 or (col - 1) * (#list - 1) // (cols - 1) + 1]
    for row = 1, 3 do
      plot.hist(at[row + 1], { panel = figure:panel(row, col), xlabel = names[row],
        title = row == 1 and at[1] or nil })
    end
  end
  model:zero_grad()
  return figure
end

--- Short trainings from the first weights with random learning rates and batch sizes: the loss that
--- each reaches.
local function space_view(model, last, trials, epochs)
  local plot = require "mlp.plot"
  local rates, sizes, losses = {}, {}, {}
  local most = math.log(math.max(4, math.min(256, last.train.rows)), 2)
  require "mlp.aside"(model, function()
    local random = core.rand(trials, 2):totable()
    for i, r in ipairs(random) do
      local factor, size = 10 ^ (4 * r[1] - 2), math.floor(2 ^ (2 + r[2] * (most - 2)) + 0.5)
      model:set_weights(last.weights)
      model.optimizer.learning_rate = last.rate * factor
      local state = core.model_take_state(model)
      local run = core.run(model, "train", last.x, last.y, size, 1, 0, last.train.w)
      for epoch = 1, epochs do
        if epoch > 1 then run:restart(epoch) end
        run:on(0)
        if run.diverged then break end
      end
      if not run.diverged then
        rates[#rates + 1], sizes[#sizes + 1] = last.rate * factor, size
        losses[#losses + 1] = math.log(math.max(run.loss, 1e-12), 10)
      end
      core.model_give_state(model, state)
      if i == trials then break end
    end
  end)
  local figure = plot.figure { title = ("space: after %d epochs"):format(epochs) }
  figure:panel(1, 1):scatter(rates, sizes, { values = losses, size = 9, edge = "white" })
    :set { xlabel = "learning rate", ylabel = "batch size", xscale = "log", yscale = "log",
           title = "log10 of the loss" }
  return figure
end

--- @see mlp.check.babysit
function M.babysit(model, data, options)
  local o = check.options("babysit", options, { epochs = 20, trials = 24, trial_epochs = 3 })
  if not record.last(model) then
    model:fit(data, { epochs = o.epochs, validation_split = 0.2, verbose = 0 })
  end
  local last = record.last(model)
  if not last.single then
    check.raise("argument", "babysit: expected a model with one input and one output")
  end
  local x, y = require("mlp.fit.data").arrays("babysit", data)
  x, y = reference.some_rows(x, 1000), reference.some_rows(y, 1000)
  local metric = model:metric_names()[1] or "loss"
  local views = setmetatable({}, Views)
  views.loss = curve(last.history, "loss", "loss")
  views.metric = curve(last.history, metric, "metric")
  views.data = data_view(x, y, data)
  views.layers = require "mlp.aside"(model, function() return layers_view(model, x, y) end)
  views.space = space_view(model, last, check.whole("babysit", "trials", o.trials, 1),
    check.whole("babysit", "trial_epochs", o.trial_epochs, 1))
  return views
end

return M
