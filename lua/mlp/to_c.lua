--- model:to_c: a trained model as one C99 header that needs nothing but the C library's <math.h>,
--- and gives the bits that model(x) gives.
--- The order of every operation is that of the kernels (runtime/tensor/kernel/kernel.h): a product
--- is one ascending chain of fused multiply-adds over blocks of 256 terms (the last of up to 384),
--- added in order; a sum runs over sixteen lanes and a fixed tree. The elementary functions are
--- our own, as text.
local core = require "mlp.core"
local check = require "mlp.check"
local emit = require "mlp.to_c.emit"
local layers = require "mlp.to_c.layers"
local text = require "mlp.to_c.text"

local M = {}

--- The C names of the model's inputs or outputs: "in", or "in1", "in2"...
local function port_names(word, n)
  local names = {}
  for i = 1, n do names[i] = n == 1 and word or word .. i end
  return names
end

--- Every use in turn, into net.body; what a use may ask for: 'row', the length of a scratch row.
local function write_uses(net, model, inputs)
  local buffers, longest = {}, 1
  for i, input in ipairs(model.inputs) do
    buffers[1 - i] = { at = inputs[i], size = emit.size_of(input.shape), shape = input.shape }
  end
  for i, use in ipairs(core.model_uses(model)) do
    local write = layers[use.layer.kind]
    if not write then
      emit.refuse(use.layer, "expected a built-in layer; one in Lua has no C")
    end
    use.size, use.from = emit.size_of(use.shape), {}
    use.to = emit.buffer(net, use.size)
    for k, from in ipairs(use.inputs) do use.from[k] = buffers[from] end
    write(net, use, core.layer_options(use.layer))
    buffers[i] = { at = use.to, size = use.size, shape = use.shape }
    longest = math.max(longest, use.row or 1, use.shape[#use.shape] or 1)
  end
  return buffers, longest
end

--- The model's inputs or outputs as C: constants "INPUTS = 3", arguments "const REAL *in", and what
--- a program declares for them, "x[INPUTS]".
local function describe(what, word, type, names, size)
  local ports = { constants = {}, arguments = {}, names = {}, arrays = {} }
  for i, name in ipairs(names) do
    local constant = "NET_" .. (#names == 1 and what or ("%s_%d"):format(what, i))
    ports.constants[i] = ("%s = %d"):format(constant, size[i])
    ports.arguments[i] = type .. name
    ports.names[i] = #names == 1 and word or word .. i
    ports.arrays[i] = ("%s[%s]"):format(ports.names[i], constant)
  end
  return ports
end

--- One list of the inputs' and the outputs', separated by commas.
local function both(inputs, outputs, field)
  return table.concat(inputs[field], ", ") .. ", " .. table.concat(outputs[field], ", ")
end

local function head(model, inputs, outputs)
  local f32 = model.dtype == "float32"
  return text.HEAD:format(#model.layers, model:count(), core.version,
    both(inputs, outputs, "arrays"), both(inputs, outputs, "names"),
    f32 and "float" or "double", f32 and "##f" or "", f32 and "fmaf" or "fma",
    f32 and "sqrtf" or "sqrt", f32 and 32 or 64,
    both(inputs, outputs, "constants"))
end

--- The header as text.
function M.text(model, name)
  if not model.built then
    check.raise("state", "to_c: expected a model that is built; call it on data first")
  end
  local net = { dtype = model.dtype, data = {}, body = {}, arrays = 0 }
  local from, to = port_names("in", #model.inputs), port_names("out", #model.outputs)
  local buffers, longest = write_uses(net, model, from)
  local taken, given = {}, {}
  for i in ipairs(from) do taken[i] = buffers[1 - i].size end
  for i, port in ipairs(model.outputs) do
    local buffer = buffers[port.use]
    given[i] = buffer.size
    emit.add(net, "  memcpy(%s, %s, %d * sizeof(REAL));", to[i], buffer.at, buffer.size)
  end
  local inputs = describe("INPUTS", "x", "const REAL *", from, taken)
  local outputs = describe("OUTPUTS", "y", "REAL *", to, given)
  local parts = {
    head(model, inputs, outputs),
    text.kernel("vbase.h", model.dtype),
    text.kernel("vmath.h", model.dtype),
    ("static REAL NET_row[%d], NET_group[%d];\n"):format(longest, longest),
    text.HELPERS,
    table.concat(net.data, "\n"),
    ("\nNET_FUNCTION void NET_predict (%s) {\n  size_t i;\n  (void)i;"):format(
      both(inputs, outputs, "arguments")),
    table.concat(net.body, "\n"),
    "}\n\n#endif\n",
  }
  return text.rename(table.concat(parts, "\n"), name)
end

return M
