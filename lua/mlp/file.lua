--- Models in files: model:save, mlp.load, model:save_weights, model:load_weights.
--- What a model is made of is written as JSON: layers, objects and options by the names that they
--- are registered under. Reading it makes what the registry knows, and refuses everything else.
local core = require "mlp.core"
local check = require "mlp.check"
local custom = require "mlp.custom"
local layout = require "mlp.layout"
local models = require "mlp.model"

local M = {}

local kinds = {} -- kinds[family][name]: the descriptor
for family, list in pairs(core.registry()) do
  kinds[family] = {}
  for _, kind in ipairs(list) do kinds[family][kind.name] = kind end
end

local NO_OPTIONS <const> = { options = {} }

--- The descriptor of a kind; of one that a script registered, without options.
local function kind_of(family, name)
  return kinds[family][name] or (custom.find(family, name) and NO_OPTIONS)
end

--
-- Writing
--

local INFINITE <const> = { [math.huge] = "inf", [-math.huge] = "-inf" } -- JSON has no number for it

local describe

--- The options of a kind; `value` maps names to values. Only an object may be absent (false).
local function describe_options(family, name, value)
  local options = {}
  for _, option in ipairs(kind_of(family, name).options) do
    local v = value[option.name]
    if option.type == "object" then v = v and describe(v) or false end
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

local function describe_layer(layer, stream)
  local own = custom.layer_options(layer)
  return {
    kind = layer.kind, name = layer.name, trainable = layer.trainable, stream = stream,
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

local function describe_model(model, state, transform)
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

--- What the model is made of, as its file says it: for checkpoints.
function M.describe(model) return describe_model(model, true) end

-- What other programs write under these endings is something else.
local FOREIGN <const> = { h5 = true, hdf5 = true, keras = true, pt = true, pth = true, t7 = true,
  onnx = true, npz = true, pkl = true, json = true }

local function warn_foreign(path)
  local ending = path:match "%.(%w+)$"
  if ending and FOREIGN[ending:lower()] then
    core.warn(("save: '%s' is written as a safetensors file, whatever its name"):format(path))
  end
end

--- Write the model to a file: layers, weights, what compile said, the optimizer's state and random
--- streams, so that training goes on from it as if it had not stopped. No code is in the file.
--- @param path string
--- @param options? table  optimizer true: keep the optimizer's state; false: it starts anew;
---   transform: what made the model's input (fitted, of mlp.data), to be kept with it
--- @usage model:save "moons.safetensors"
function M.save(model, path, options)
  check.path("save", path)
  local o = check.options("save", options, { optimizer = true, transform = check.none })
  if not model.built then
    check.raise("state", "save: expected a model that is built; call it, or fit it, first")
  end
  if o.transform ~= nil and not (type(o.transform) == "table" and o.transform.state) then
    check.raise("argument", "save: option 'transform': expected a fitted transform of mlp.data, "
      .. "got %s", check.what(o.transform))
  end
  warn_foreign(path)
  local state = o.optimizer and model.iterations > 0
  core.model_write("save", model, path, core.json_encode(describe_model(model, state, o.transform)),
    state)
end

--- Write the weights alone. Layouts "torch" and "keras" make what PyTorch and Keras read: names
--- like "dense.weight", (out, in), or "dense/kernel"; names can rename layers.
--- @param path string
--- @param options? table  layout "mlprun" | "torch" | "keras", names { dense = "fc1" }
function M.save_weights(model, path, options)
  local o = layout.options("save_weights", options)
  if o.layout ~= "mlprun" then return layout.save(model, check.path("save_weights", path), o) end
  core.model_write("save_weights", model, check.path("save_weights", path), nil, false)
end

--
-- Reading
--

--- What the messages of one load begin with.
local function refuse(path, fmt, ...)
  check.raise("format", "load: cannot read '%s': %s", path, fmt:format(...))
end

local STRING <const>, TABLE <const>, TRUTH <const> = "string", "table", "boolean"

--- `t` must be a table with these fields and no other; a type ending in "?" may be absent.
local function expect(path, place, t, fields)
  if type(t) ~= "table" then refuse(path, "%s: expected a table, got %s", place, tostring(t)) end
  for name, want in pairs(fields) do
    local kind, optional = want:match "^(%a+)(%??)$"
    if type(t[name]) ~= kind and not (optional == "?" and t[name] == nil) then
      refuse(path, "%s: expected a %s '%s', got %s", place, kind, name, tostring(t[name]))
    end
  end
  for name in pairs(t) do
    if not fields[name] then refuse(path, "%s: unknown field '%s'", place, tostring(name)) end
  end
  return t
end

--- Collect in `unknown` what is not registered, here and in the options.
local function find_unknown(unknown, family, d)
  if type(d) ~= "table" or type(d.kind) ~= "string" then return end
  local kind = kind_of(family, d.kind)
  if not kind then
    local name = ("%s '%s'"):format(family, d.kind)
    if type(d.made_in) == "string" then name = name .. " (" .. d.made_in .. ")" end
    if not unknown[name] then
      unknown[name] = true
      unknown[#unknown + 1] = name
    end
  elseif type(d.options) == "table" then
    for _, option in ipairs(kind.options) do
      if option.family then find_unknown(unknown, option.family, d.options[option.name]) end
    end
  end
end

local function check_known(path, d)
  local unknown = {}
  for _, layer in ipairs(d.layers) do find_unknown(unknown, "layer", layer) end
  if d.training then
    find_unknown(unknown, "optimizer", d.training.optimizer)
    find_unknown(unknown, "loss", d.training.loss)
    for _, one in ipairs(d.training.losses or {}) do
      if type(one) == "table" then find_unknown(unknown, "loss", one.loss) end
    end
    for _, metric in ipairs(d.training.metrics or {}) do find_unknown(unknown, "metric", metric) end
  end
  if #unknown > 0 then
    refuse(path, "it needs what is not registered here: %s%s", table.concat(unknown, ", "),
      table.concat(unknown):find "%.lua:" and "; run the script that defines it first" or "")
  end
end

--- Call f(...), naming file and place where it raises.
local function within(path, place, f, ...)
  local ok, result = pcall(f, ...)
  if ok then return result end
  local text = tostring(result):gsub("^[^\n]-:%d+: ", "")
  refuse(path, "%s: %s", place, text)
end

local make_object

local function make_options(path, place, family, d)
  local options = {}
  for name, v in pairs(d.options or {}) do options[name] = v end
  for _, option in ipairs(kind_of(family, d.kind).options) do
    local v = options[option.name]
    if option.type == "object" and v then
      options[option.name] = make_object(path, place, option.family, v)
    elseif option.type == "number" then
      options[option.name] = v == "inf" and math.huge or v == "-inf" and -math.huge or v
    end
  end
  return options
end

function make_object(path, place, family, d)
  expect(path, place, d, { kind = STRING, options = "table?", made_in = "string?" })
  local own = custom.find(family, d.kind)
  if own then return within(path, place, own.make) end
  local options = make_options(path, place, family, d)
  return within(path, place, core.object, family, d.kind, options)
end

local function make_layer(path, i, d)
  local place = "layer " .. i
  expect(path, place, d, {
    kind = STRING, name = STRING, trainable = TRUTH, stream = TABLE, options = "table?",
    made_in = "string?",
  })
  local options = make_options(path, place, "layer", d)
  options.name, options.trainable = d.name, d.trainable
  local own = custom.find("layer", d.kind)
  if own then return within(path, place, own.make, options) end
  return within(path, place, core.layer, d.kind, options)
end

local function names_of(path, place, list)
  local names = {}
  for i, port in ipairs(list) do
    if type(port) ~= "table" then refuse(path, "%s: expected tables", place) end
    names[i] = port.name or false
  end
  return names
end

--- Outputs that are not the last use alone.
local function set_outputs(path, model, outputs)
  local uses = {}
  for i, output in ipairs(outputs) do
    expect(path, "output " .. i, output, { name = STRING, use = "number" })
    uses[i] = output.use
  end
  within(path, "outputs", core.model_outputs, model, uses, names_of(path, "outputs", outputs))
end

local function declare(path, model, d)
  if not d.inputs then
    return within(path, "input", core.model_declare, model, d.input.shape, d.input.dtype)
  end
  local shapes, types = {}, {}
  for i, input in ipairs(d.inputs) do
    expect(path, "input " .. i, input, { name = "string?", shape = TABLE, dtype = STRING })
    shapes[i], types[i] = input.shape, input.dtype
  end
  within(path, "inputs", core.model_declare, model, shapes, d.input.dtype, types)
end

--- @param begin function  declare, or what builds it with first weights
local function make_model(path, d, begin)
  local model, layers = core.model(), {}
  if d.inputs then
    within(path, "inputs", core.model_inputs, model, names_of(path, "inputs", d.inputs))
  end
  for i, layer in ipairs(d.layers) do layers[i] = make_layer(path, i, layer) end
  for i, use in ipairs(d.uses) do
    local place = "use " .. i
    expect(path, place, use, { layer = "number", inputs = TABLE })
    if not layers[use.layer] then refuse(path, "%s: there is no layer %s", place, use.layer) end
    within(path, place, core.model_add, model, layers[use.layer], use.inputs)
  end
  if d.outputs then set_outputs(path, model, d.outputs) end
  begin(path, model, d)
  return model
end

--- Metrics as model_compile takes them, and their names; those that are functions of the logs.
local function make_metrics(path, list)
  local measures, names, of_logs = {}, {}, {}
  for i, metric in ipairs(list) do
    local place = "metric " .. i
    if type(metric) ~= TABLE or type(metric.name) ~= STRING then
      refuse(path, "%s: expected a string 'name'", place)
    end
    local object = make_object(path, place, "metric",
      { kind = metric.kind, options = metric.options, made_in = metric.made_in })
    if custom.is_log_metric(object) then
      of_logs[#of_logs + 1] = object
    else
      measures[#measures + 1] = { object, metric.output or 1, metric.weighted == true }
      names[#measures] = metric.name
    end
  end
  return measures, names, of_logs
end

--- Losses and weights, one an output; nil where one was a function and none is given.
local function make_losses(path, model, training, given)
  local list = training.losses or { { loss = training.loss, weight = 1 } }
  local losses, weights = {}, {}
  for i = 1, #model.outputs do
    local one = list[i]
    expect(path, "loss " .. i, one, { weight = "number",
      loss = type(one) == TABLE and type(one.loss) == STRING and STRING or TABLE })
    weights[i] = one.weight
    if one.loss == "custom" then
      if not given then return nil end
      losses[i] = core.loss_function(given)
    else
      losses[i] = one.loss ~= "none" and make_object(path, "loss", "loss", one.loss)
    end
  end
  return losses, weights
end

--- Compile as the file says; false where the loss was a function and none is given.
local function compile(path, model, training, loss)
  expect(path, "training", training, {
    optimizer = TABLE, metrics = TABLE, state = TRUTH, losses = "table?",
    loss = training.losses and "table?" or training.loss == "custom" and STRING or TABLE,
  })
  local measures, names, of_logs = make_metrics(path, training.metrics)
  local losses, weights = make_losses(path, model, training, loss)
  if not losses then return false end
  if loss and not training.losses then losses = { core.loss_function(loss) } end
  models.compile(model, make_object(path, "optimizer", "optimizer", training.optimizer), losses,
    weights, measures, names, of_logs)
  return true
end

local function read_description(path, text)
  local d = within(path, "its description", core.json_decode, text)
  expect(path, "the model", d, {
    name = STRING, layers = TABLE, uses = TABLE, input = TABLE, stream = TABLE,
    class_names = "table?", training = "table?", inputs = "table?", outputs = "table?",
    transform = "table?",
  })
  expect(path, "input", d.input, { shape = TABLE, dtype = STRING })
  check_known(path, d)
  return d
end

local function stream_list(d)
  local list = { d.stream }
  for i, layer in ipairs(d.layers) do list[i + 1] = layer.stream end
  return list
end

--- The model that model:save wrote: the same outputs and hash, and training goes on bit for bit. A
--- loss that was a Lua function is not in the file: give it as an option, or compile again.
--- @param path string
--- @param options? table  loss: a function (y, p) in place of one that the file could not hold
--- @return mlp.Model
--- @return mlp.Transform?  what was saved with it
--- @usage local model, scaler = mlp.load "moons.safetensors"
function M.load(path, options)
  local o = check.options("load", options, { loss = check.none })
  if o.loss ~= nil and type(o.loss) ~= "function" then
    check.raise("argument", "load: option 'loss': expected a function, got %s", tostring(o.loss))
  end
  local file, text = core.model_file("load", check.path("load", path))
  if not text then
    refuse(path, "it holds weights, but no model; make the model and call model:load_weights")
  end
  local d = read_description(path, text)
  local model = make_model(path, d, declare)
  local compiled = d.training and compile(path, model, d.training, o.loss)
  core.model_read("load", model, path, file, compiled and d.training.state)
  within(path, "streams", core.model_set_streams, model, stream_list(d))
  local note = models.note(model)
  note.name, note.class_names = d.name, d.class_names
  if compiled == false then
    core.warn(("load: the loss of '%s' was a function, which a file cannot hold: call "
      .. "model:compile before training, or mlp.load(path, { loss = f })"):format(path))
  end
  if not d.transform then return model end
  return model, require("mlp.data.transform").make(("load: cannot read '%s'"):format(path),
    d.transform)
end

--- First weights by the streams of the description.
local function build(path, model, d)
  within(path, "streams", core.model_set_streams, model, stream_list(d))
  if not d.inputs then return model:build(d.input.shape, d.input.dtype) end
  local shapes, types = {}, {}
  for i, input in ipairs(d.inputs) do shapes[i], types[i] = input.shape, input.dtype end
  model:build(shapes, d.input.dtype, types)
end

--- A model as its description says, before the first step.
local function from_description(path, text)
  local d = read_description(path, text)
  local model = make_model(path, d, build)
  if d.training and not compile(path, model, d.training) then
    core.warn(path .. ": the loss was a function: call model:compile before training")
  end
  local note = models.note(model)
  note.name, note.class_names = d.name, d.class_names
  return model
end

--- For mlp.recipe.
M.inner = { describe = describe_model, from_description = from_description }

--- Set the weights from a file: one of model:save, model:save_weights, or any safetensors file with
--- arrays of the same names, shapes and types. Layouts "torch" and "keras" read safetensors files
--- from PyTorch (a state_dict) and Keras: layers are matched by name, by `names`, else in order.
--- Where one does not fit, nothing has changed.
--- @param path string
--- @param options? table  layout "mlprun" | "torch" | "keras", names { dense = "fc1" }
--- @return mlp.Model  itself
--- @usage model:load_weights("mlp.safetensors", { layout = "torch" })
function M.load_weights(model, path, options)
  local o = layout.options("load_weights", options)
  if o.layout ~= "mlprun" then return layout.load(model, check.path("load_weights", path), o) end
  local file = core.model_file("load_weights", check.path("load_weights", path))
  core.model_read("load_weights", model, path, file, false)
  return model
end

--- Write the model as one C99 header without dependencies: `<name>_predict(x, y)` computes a row
--- and gives the bits of model(x), where the target's fma is exact. Layers: see docs/files.md; one
--- that C cannot be written for is refused by name, before a file is written.
--- @param path string
--- @param options? table  name "net": what names in C begin with
--- @usage model:to_c("moons.h", { name = "moons" })
function M.to_c(model, path, options)
  local o = check.options("to_c", options, { name = "net" })
  if not o.name:find "^%a[%w_]*$" then
    check.raise("argument", "to_c: option 'name': expected a C identifier, got '%s'", o.name)
  end
  check.path("to_c", path)
  core.write_file(path, core.plain(require("mlp.to_c").text, model, o.name))
end

core.extend("mlp.Model", {
  to_c = M.to_c,
  save = M.save, save_weights = M.save_weights, load_weights = M.load_weights,
})

return M
