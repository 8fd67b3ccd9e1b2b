--- Charts of functions: activations and their derivatives, learning rates.

local base = require "mlp.plot.base"
local check = require "mlp.check"
local core = require "mlp.core"

local M = {}

--- y and its derivative at x by the tape, of an activation by name or object.
local function values_of(activation, x)
  local layer = core.layer("activation", { activation = activation })
  x = x:clone():requires_grad_(true)
  local y = core.layer_call(layer, x, false)
  y:sum():backward()
  return y:detach(), x.grad
end

local function name_of(activation)
  return type(activation) == "string" and activation or activation.kind
end

--- Activation functions and, in a second panel, their derivatives.
--- @param activations any a name or object, or a list of them
--- @param options? table range ({ -5, 5 }), derivative (true)
--- @return mlp.Figure
--- @usage mlp.plot.activation_functions({ "sigmoid", "tanh", "relu" }):save "activations.png"
function M.activation_functions(activations, options)
  options = base.check("activation_functions", options, base.FIGURE .. "title range derivative",
    { range = { -5, 5 }, derivative = true })
  if type(activations) ~= "table" then activations = { activations } end
  if #activations == 0 then
    check.raise("argument", "activation_functions: expected at least one activation, got none")
  end
  local x = core.linspace(options.range[1], options.range[2], 401)
  local settings = base.pick(options, base.FIGURE .. "title")
  settings.cols = options.derivative and 2 or 1
  local figure = base.figure(settings)
  for _, activation in ipairs(activations) do
    local y, slope = values_of(activation, x:reshape(401, 1))
    figure:panel(1, 1):line(x, y, { label = name_of(activation) })
    if options.derivative then
      figure:panel(1, 2):line(x, slope, { label = name_of(activation) })
    end
  end
  figure:panel(1, 1):set { xlabel = "x", ylabel = "f(x)" }
  if options.derivative then
    figure:panel(1, 2):set { xlabel = "x", ylabel = "f′(x)", legend = false }
  end
  return figure
end

--- The most that a gradient can keep of itself through so many layers of each activation: the
--- largest slope to the power of the depth. For the sigmoid that is 0.25 a layer.
--- @param options? table depth (20), activations ({ "sigmoid", "tanh", "relu" })
--- @return mlp.Figure
--- @usage mlp.plot.slope_bound { depth = 20 }:save "vanishing.png"
function M.slope_bound(options)
  options = base.check("slope_bound", options, base.FIGURE .. base.PANEL .. "depth activations",
    { depth = 20, activations = { "sigmoid", "tanh", "relu" }, xlabel = "layers",
      ylabel = "largest possible share of the gradient", yscale = "log", xinteger = true })
  check.whole("slope_bound", "depth", options.depth, 1)
  local figure, panel = base.single(options)
  local x = core.linspace(-6, 6, 2401)
  for i, activation in ipairs(options.activations) do
    local _, slope = values_of(activation, x:reshape(2401, 1))
    local most, bound = slope:max():item(), {}
    for depth = 1, options.depth do bound[depth] = most ^ depth end
    panel:line(nil, bound, { label = ("%s: %.3g per layer"):format(name_of(activation), most),
                             marker = "circle", size = 4, dash = i == 3 and "dashed" or "solid" })
  end
  return figure
end

--- The learning rate of every step of a schedule; several are compared.
--- @param schedules any a schedule (or function of the step, from 0), or a list of them
--- @param options? table steps (1000), labels, log
--- @return mlp.Figure
--- @usage mlp.plot.schedule(mlp.schedules.CosineDecay { initial_learning_rate = 0.1,
---   decay_steps = 1000 })
function M.schedule(schedules, options)
  options = base.check("schedule", options, base.FIGURE .. base.PANEL .. "steps labels log",
    { steps = 1000, xlabel = "step", ylabel = "learning rate", xinteger = true })
  options.yscale = options.log and "log" or options.yscale
  if type(schedules) ~= "table" then schedules = { schedules } end
  local figure, panel = base.single(options)
  local at = {}
  local every = math.max(1, options.steps // 2000)
  for i = 1, options.steps // every do at[i] = (i - 1) * every end
  for i, schedule in ipairs(schedules) do
    if type(schedule) ~= "function" and not (core.type(schedule) == "mlp.Object"
      and schedule.family == "schedule") then
      check.raise("argument", "schedule: argument 'schedules': expected a schedule or a function "
        .. "of the step, got %s", check.what(schedule))
    end
    local rates = {}
    for k, step in ipairs(at) do rates[k] = schedule(step) end
    local name = options.labels and options.labels[i]
    if not name and #schedules > 1 and type(schedule) == "userdata" then name = schedule.kind end
    panel:line(at, rates, { label = name })
  end
  return figure
end

--- Loss over learning rate of a range test, with the suggestion.
--- @param found mlp.LRFind
--- @param options? table
--- @return mlp.Figure
--- @usage mlp.plot.lr_find(mlp.lr_find(model, data)):save "rates.png"
function M.lr_find(found, options)
  options = base.check("lr_find", options, base.FIGURE .. base.PANEL,
    { xscale = "log", xlabel = "learning rate", ylabel = "loss" })
  local figure, panel = base.single(options)
  panel:line(found.learning_rate, found.loss)
  if found.suggestion then
    panel:vline(found.suggestion, { label = ("suggestion: %.2g"):format(found.suggestion),
                                    dash = "dotted", linewidth = 1.2 })
  end
  return figure
end

return M
