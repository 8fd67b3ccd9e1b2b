--- Making models: layers in a row, or a graph of symbols.
local core = require "mlp.core"
local check = require "mlp.check"
local compat = require "mlp.compat"
local notes = require "mlp.model.notes"

local M = {}

local function is_layer(v) return type(v) == "userdata" and core.type(v) == "mlp.Layer" end
local function is_model(v) return type(v) == "userdata" and core.type(v) == "mlp.Model" end

-- A symbol stands for the output of a layer (or an input) while a graph is described.
local Symbol = { __name = "mlp.Symbol" }
Symbol.__index = Symbol
local created = 0

local function symbol(fields)
  created = created + 1
  fields.number = created
  return setmetatable(fields, Symbol)
end

local function is_symbol(v) return getmetatable(v) == Symbol end
local function is_input(v) return is_symbol(v) and v.symbol_shape ~= nil end

--- Build a model whose inputs have shapes and types of their own.
local function build(model, inputs)
  local shapes, types, real = {}, {}, nil
  for i, input in ipairs(inputs) do
    shapes[i], types[i] = input.symbol_shape, input.dtype
    if input.dtype:find "^float" then real = real or input.dtype end
  end
  return model:build(shapes, real or "float32", types)
end

local KNOWN <const> = { name = true, input_shape = true, compat = true }

local function check_keys(layers)
  for key in pairs(layers) do
    if math.type(key) ~= "integer" and not KNOWN[key] then
      check.raise("argument", "Sequential: unknown option '%s'; known options: compat, "
        .. "input_shape, name", tostring(key))
    end
  end
end

--- The layers of another model behind use n; the number of its output's use.
local function append_model(model, inner, n)
  if #inner.inputs > 1 or #inner.outputs > 1 then
    check.raise("argument",
      "Sequential: expected models of one input and one output; use mlp.Model")
  end
  local uses, base = core.model_uses(inner), #core.model_uses(model)
  for _, use in ipairs(uses) do
    local from = {}
    for j, k in ipairs(use.inputs) do from[j] = k > 0 and base + k or n end
    core.model_add(model, use.layer, from)
  end
  local last = base + inner.outputs[1].use
  core.model_outputs(model, { last }, { false })
  return last
end

--- A layer, or the layers of a model, behind use n of a model; the number of the last use.
local function append(model, layer, n, what, whose)
  if is_model(layer) then return append_model(model, layer, n) end
  if not is_layer(layer) then
    check.raise("argument", "%s: expected a layer, such as mlp.Dense(4), got %s", what,
      check.what(layer))
  end
  compat.adopt(layer, whose)
  core.model_add(model, layer, { n })
  return n + 1
end

--- @see mlp.Sequential
function M.Sequential(layers)
  local model, input = core.model(), nil
  if layers == nil then layers = {} end
  if type(layers) ~= "table" then
    check.raise("argument", "Sequential: expected a list of layers, { a, b }, got %s",
      check.what(layers))
  end
  check_keys(layers)
  local whose, n = compat.read("Sequential", layers.compat), 0
  for i, layer in ipairs(layers) do
    if is_input(layer) then
      input = layer
    else
      n = append(model, layer, n, ("Sequential: element %d"):format(i), whose)
    end
  end
  local note = notes.of(model)
  note.name, note.compat, note.last = layers.name or "sequential", whose, n
  if layers.input_shape then return model:build(layers.input_shape) end
  return input and build(model, { input }) or model
end

--- @see Model:add
function M.add(model, layer)
  local note = notes.of(model)
  if not note.last then
    check.raise("state", "add: expected a model made by mlp.Sequential; in a graph layers are "
      .. "called on what comes before them")
  end
  note.last = append(model, layer, note.last, "add", note.compat)
  return model
end

local TYPES <const> = { float32 = true, float64 = true, int64 = true }

--- @see mlp.Input
function M.Input(shape)
  local o = { dtype = "float32" }
  if type(shape) == "table" and shape.shape then
    o = check.options("Input", shape, { shape = check.any(1), dtype = "float32",
      name = check.none })
    shape = o.shape
  end
  if type(shape) == "number" then shape = { shape } end
  if type(shape) ~= "table" or #shape == 0 and o.dtype ~= "int64" then
    check.raise("argument", "Input: expected the shape of a row, such as { 2 }, got %s",
      check.what(shape))
  end
  if not TYPES[o.dtype] then
    check.raise("argument", "Input: option 'dtype': expected float32, float64 or int64, got '%s'",
      o.dtype)
  end
  return symbol { symbol_shape = shape, inputs = {}, dtype = o.dtype, name = o.name }
end

local function apply_to_symbols(layer, inputs)
  for i, v in ipairs(inputs) do
    if not is_symbol(v) then
      check.raise("argument", "%s: input %d: expected the output of a layer, got %s", layer.kind, i,
        check.what(v))
    end
  end
  return symbol { layer = layer, inputs = inputs }
end

function Symbol.__add(a, b) return apply_to_symbols(core.layer "add", { a, b }) end
function Symbol.__tostring(s)
  return s.layer and ("output of %s"):format(s.layer) or
    ("input (%s)"):format(table.concat(s.symbol_shape, ", "))
end

--- model(x) on symbols: its layers, shared, as nodes of the graph; a list of several outputs.
--- @return table|nil  nothing where x is no symbol
function M.call_model(model, x)
  if is_symbol(x) then x = { x } end
  if type(x) ~= "table" or not is_symbol(x[1]) then return nil end
  if #x ~= #model.inputs then
    check.raise("argument", "model: expected %d inputs, got %d", #model.inputs, #x)
  end
  local value, outputs = {}, {}
  for i, use in ipairs(core.model_uses(model)) do
    local from = {}
    for j, k in ipairs(use.inputs) do from[j] = k > 0 and value[k] or x[1 - k] end
    value[i] = apply_to_symbols(use.layer, from)
  end
  for i, output in ipairs(model.outputs) do outputs[i] = value[output.use] end
  return #outputs == 1 and outputs[1] or outputs
end

--- layer(x): on a symbol a node of the graph, on a tensor the values. Several symbols come as a
--- list, or one after the other.
function M.call_layer(layer, x, options, ...)
  if is_symbol(x) and is_symbol(options) then
    return apply_to_symbols(layer, { x, options, ... })
  end
  if is_symbol(x) then return apply_to_symbols(layer, { x }) end
  if type(x) == "table" and is_symbol(x[1]) then return apply_to_symbols(layer, x) end
  local o = check.options(layer.kind, options, { training = check.none })
  if type(x) ~= "table" and not core.is_tensor(x) then
    check.raise("argument", "%s: expected a tensor (rows, features), got %s", layer.kind,
      check.what(x))
  end
  return core.layer_call(layer, x, o.training)
end

--- All symbols behind `outputs`, in the order in which they were made.
local function behind(outputs)
  local seen, list, stack = {}, {}, { table.unpack(outputs) }
  while #stack > 0 do
    local s = table.remove(stack)
    if not seen[s] then
      seen[s] = true
      list[#list + 1] = s
      for _, input in ipairs(s.inputs) do stack[#stack + 1] = input end
    end
  end
  table.sort(list, function(a, b) return a.number < b.number end)
  return list
end

--- Symbols that pass a test, and a name of each or false: from one, a list, or a table by name,
--- which is sorted.
local function read_ports(what, v, test, want)
  local list, names = {}, {}
  if is_symbol(v) then v = { v } end
  if type(v) ~= "table" then v = { v or "none" } end
  local keys = #v > 0 and v or check.sorted_keys(v)
  for i, key in ipairs(keys) do
    local s = #v > 0 and v[i] or v[key]
    if not test(s) then
      check.raise("argument", "Model: option '%s': expected %s, got %s", what, want,
        check.what(s))
    end
    list[i], names[i] = s, #v == 0 and key or s.name or false
  end
  if #list == 0 then
    check.raise("argument", "Model: option '%s': expected %s, got none", what, want)
  end
  return list, names
end

--- A name for each output: its own, or that of its layer; of equal ones "name_2" and so on.
local function distinct(names, outputs, model)
  local count = {}
  for i, name in ipairs(names) do
    local layer = not name and core.model_uses(model)[outputs[i]].layer.name
    local base = name or layer
    count[base] = (count[base] or 0) + 1
    if count[base] > 1 then names[i] = base .. "_" .. count[base] end
  end
  return names
end

--- @see mlp.Model
function M.Model(options, ends)
  if type(options) == "table" and (is_symbol(options) or is_symbol(options[1])) then
    options = { inputs = options, outputs = ends }
  end
  local o = check.options("Model", options, { inputs = check.none, outputs = check.none,
    name = "model", compat = check.none })
  local whose = compat.read("Model", o.compat)
  local inputs, input_names = read_ports("inputs", o.inputs, is_input, "an mlp.Input")
  local outputs, output_names = read_ports("outputs", o.outputs, function(v)
    return is_symbol(v) and v.layer ~= nil
  end, "the output of a layer")
  local model, at, n = core.model(), {}, 0
  core.model_inputs(model, input_names)
  for i, input in ipairs(inputs) do at[input] = 1 - i end
  for _, s in ipairs(behind(outputs)) do
    if s.layer then
      local from = {}
      for i, input in ipairs(s.inputs) do from[i] = at[input] end
      compat.adopt(s.layer, whose)
      core.model_add(model, s.layer, from)
      n = n + 1
      at[s] = n
    elseif not at[s] then
      check.raise("argument", "Model: the outputs depend on an Input that is not among 'inputs'")
    end
  end
  local uses = {}
  for i, s in ipairs(outputs) do uses[i] = at[s] end
  core.model_outputs(model, uses, #uses > 1 and distinct(output_names, uses, model) or output_names)
  notes.of(model).name, notes.of(model).compat = o.name, whose
  return build(model, inputs)
end

return M
