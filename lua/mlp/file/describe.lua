--- What a model is made of, as tables that JSON can hold: layers, objects and options by the names
--- that they are registered under.
local core = require "mlp.core"
local check = require "mlp.check"
local custom = require "mlp.custom"
local kind_of = require "mlp.file.kinds"
local models = require "mlp.model"

local INFINITE <const> = { [math.huge] = "inf", [-math.huge] = "-inf" } -- JSON has no number for it

local describe, describe_layer

--- The options of a kind; `value` maps names to values. Only an object may be absent (false).
local function describe_options(family, name, value)
  local options = {}
  for _, option in ipairs(kind_of(family, name).options) do
    local v = value[option.name]
    if option.type == "object" then v = v and describe(v) or false end
    if option.type == "layer" then v = describe_layer(v) end
    options[option.name] = type(v) == "number" and INFINITE[v] or v
  end
  return next(options) and options
end

--- Where a script registered a kind, as "script.lua:3"; nil for a built-in one.
local function made_in(family, name)
  local own = custom.find(family, name)
  return own and own.where
end

function describe(object)
  if custom.is_log_metric(object) then
    return { kind = object.kind, made_in = made_in("metric", object.kind) }
  end
  return { kind = object.kind, options = describe_options(object.family, object.kind, object),
    made_in = made_in(object.family, object.kind) }
end

--- A part of another layer by its own name, the last word, without a stream: the other's has it.
function describe_layer(layer, stream)
  local own = custom.layer_options(layer)
  return {
    kind = layer.kind, name = layer.made and layer.name:match "[^/]*$" or layer.name,
    trainable = layer.trainable, stream = stream,
    options = own and next(own) and own or not own and
      describe_options("layer", layer.kind, core.layer_options(layer)) or nil,
    made_in = made_in("layer", layer.kind),
  }
end

--- Layers, each once, and where they are used.
local function describe_layers(model, d, streams)
  local number = {}
  for i, layer in ipairs(model.layers) do
    if number[layer.name] then
      check.raise("argument", "save: expected layers of different names, got two '%s'", layer.name)
    end
    number[layer.name] = i
    d.layers[i] = describe_layer(layer, streams[i + 1])
  end
  for i, use in ipairs(core.model_uses(model)) do
    d.uses[i] = { layer = number[use.layer.name], inputs = use.inputs }
  end
end

--- Of several inputs or outputs all; of one input its shape and type, the last use is the output.
local function describe_ports(model, d)
  d.input = { shape = model.input_shape, dtype = model.dtype }
  if #model.inputs > 1 or model.inputs[1].dtype ~= model.dtype or model.inputs[1].name then
    d.inputs = model.inputs
  end
  if #model.outputs > 1 or model.outputs[1].use ~= #d.uses then d.outputs = model.outputs end
end

local function describe_metrics(note, several)
  local metrics = {}
  for i, metric in ipairs(note.metrics) do
    local m = describe(metric[1])
    m.name, m.output = note.metric_names[i], several and metric[2] or nil
    m.weighted = metric[3] or nil
    metrics[i] = m
  end
  for _, metric in ipairs(note.of_logs) do
    local m = describe(metric)
    m.name = metric.kind
    metrics[#metrics + 1] = m
  end
  return metrics
end

local function describe_loss(loss)
  if not loss then return "none" end
  return loss.kind == "function" and "custom" or describe(loss)
end

--- Of several outputs a list of losses, with their weights.
local function describe_training(note, model, state)
  local several = #model.outputs > 1
  local d = { optimizer = describe(model.optimizer), metrics = describe_metrics(note, several),
    state = state }
  if not several and note.loss_weights[1] == 1 then
    d.loss = describe_loss(note.losses[1])
    return d
  end
  d.losses = {}
  for i, loss in ipairs(note.losses) do
    d.losses[i] = { loss = describe_loss(loss), weight = note.loss_weights[i] }
  end
  return d
end

--- @param model mlp.Model
--- @param state? boolean  with the optimizer's state
--- @param transform? mlp.Transform  what made its input
return function(model, state, transform)
  local streams, note = core.model_streams(model), models.note(model)
  if not state then streams[1][3] = 0 end
  local d = {
    name = note.name, class_names = note.class_names, stream = streams[1], layers = {}, uses = {},
  }
  describe_layers(model, d, streams)
  describe_ports(model, d)
  if model.optimizer then d.training = describe_training(note, model, state) end
  d.transform = transform and require("mlp.data.transform").describe(transform)
  return d
end
