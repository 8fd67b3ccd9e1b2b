--- Models from their descriptions. Reading one makes what the registry knows, and refuses all else:
--- messages name the file and the place in it.
local core = require "mlp.core"
local check = require "mlp.check"
local custom = require "mlp.custom"
local kind_of = require "mlp.file.kinds"
local models = require "mlp.model"

local M = {}

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

local make_object, make_layer

local function make_options(path, place, family, d)
  local options = {}
  for name, v in pairs(d.options or {}) do options[name] = v end
  for _, option in ipairs(kind_of(family, d.kind).options) do
    local v = options[option.name]
    if option.type == "object" and v then
      options[option.name] = make_object(path, place, option.family, v)
    elseif option.type == "layer" then
      options[option.name] = make_layer(path, place .. ", " .. option.name, v)
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

--- @param stream? string  what it must be, if anything
function make_layer(path, place, d, stream)
  expect(path, place, d, {
    kind = STRING, name = STRING, trainable = TRUTH, stream = stream, options = "table?",
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

--- @param begin? function  what gives it weights; by default they are declared
local function make_model(path, d, begin)
  local model, layers = core.model(), {}
  if d.inputs then
    within(path, "inputs", core.model_inputs, model, names_of(path, "inputs", d.inputs))
  end
  for i, layer in ipairs(d.layers) do layers[i] = make_layer(path, "layer " .. i, layer, TABLE) end
  for i, use in ipairs(d.uses) do
    local place = "use " .. i
    expect(path, place, use, { layer = "number", inputs = TABLE })
    if not layers[use.layer] then refuse(path, "%s: there is no layer %s", place, use.layer) end
    within(path, place, core.model_add, model, layers[use.layer], use.inputs)
  end
  if d.outputs then set_outputs(path, model, d.outputs) end
  (begin or declare)(path, model, d)
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

--- The description in a file's text, checked.
function M.read(path, text)
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

--- Set the model's random streams.
local function set_streams(path, model, d)
  local list = { d.stream }
  for i, layer in ipairs(d.layers) do list[i + 1] = layer.stream end
  within(path, "streams", core.model_set_streams, model, list)
end

--- First weights by the streams of the description.
local function build(path, model, d)
  set_streams(path, model, d)
  if not d.inputs then return model:build(d.input.shape, d.input.dtype) end
  local shapes, types = {}, {}
  for i, input in ipairs(d.inputs) do shapes[i], types[i] = input.shape, input.dtype end
  model:build(shapes, d.input.dtype, types)
end

--- A model as its description says, before the first step.
function M.first(path, text)
  local d = M.read(path, text)
  local model = make_model(path, d, build)
  if d.training and not compile(path, model, d.training) then
    core.warn(path .. ": the loss was a function: call model:compile before training")
  end
  local note = models.note(model)
  note.name, note.class_names = d.name, d.class_names
  return model
end

M.refuse, M.model, M.compile, M.set_streams = refuse, make_model, compile, set_streams

return M
