local mlp = require "mlp"
local core = require "mlp.core"
local samples = require "samples"

local CC <const> = "cc"
local has_compiler = os.execute(CC .. " --version > /dev/null 2>&1")

local function write(path, text)
  local file <close> = assert(io.open(path, "wb"))
  file:write(text)
end

local function whole(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

local function format_of(model) return model.dtype == "float32" and "<f" or "<d" end

--- The numbers of rows, one row of each input after the other.
local function packed(model, inputs)
  local numbers, format = {}, format_of(model)
  local rows = {}
  for k, x in ipairs(inputs) do rows[k] = x:double():reshape(x.shape[1], -1):totable() end
  for r = 1, inputs[1].shape[1] do
    for k in ipairs(inputs) do
      for _, v in ipairs(rows[k][r]) do numbers[#numbers + 1] = string.pack(format, v) end
    end
  end
  return table.concat(numbers)
end

local PART <const> = [[
#include "%s.h"
static int part_%s (const char *in_path, const char *out_path) {
  %s %s;
  FILE *in = fopen(in_path, "rb"), *out = fopen(out_path, "wb");
  while (%s) {
    %s_predict(%s);
    %s;
  }
  return fclose(in) | fclose(out);
}
]]

--- C that runs one net over a file of rows.
local function part(base, case)
  local name, declared, names, reads, writes = case.name, {}, {}, {}, {}
  local function ports(n, word, what, list, format)
    for i = 1, n do
      local array = n == 1 and word or word .. i
      declared[#declared + 1] = ("%s[%s_%s]"):format(array, name:upper(),
        n == 1 and what or what .. "_" .. i)
      names[#names + 1] = array
      list[i] = format:format(array, array)
    end
  end
  ports(#case.model.inputs, "x", "INPUTS", reads, "fread(%s, sizeof %s, 1, in) == 1")
  ports(#case.model.outputs, "y", "OUTPUTS", writes, "fwrite(%s, sizeof %s, 1, out)")
  return PART:format(base .. name, name, case.model.dtype == "float32" and "float" or "double",
    table.concat(declared, ", "), table.concat(reads, " && "), name, table.concat(names, ", "),
    table.concat(writes, "; "))
end

--- Compile one program around the headers of cases { model, x, name }, feed each net its rows, and
--- read what it computes: a list of numbers a case.
local function run_all(cases)
  local base = os.tmpname()
  local parts, calls, files = { "#include <stdio.h>\n" }, {}, { base, base .. ".c", base .. ".out" }
  for i, case in ipairs(cases) do
    case.model:to_c(base .. case.name .. ".h", { name = case.name })
    parts[#parts + 1] = part(base, case)
    local input, output = base .. case.name .. ".in", base .. case.name .. ".y"
    write(input, packed(case.model, case.x))
    calls[i] = ('part_%s("%s", "%s")'):format(case.name, input, output)
    for _, suffix in ipairs { ".h", ".in", ".y" } do
      files[#files + 1] = base .. case.name .. suffix
    end
  end
  write(base .. ".c", ("%s\nint main (void) {\n  return %s;\n}\n"):format(table.concat(parts),
    table.concat(calls, " ||\n")))
  local ok = os.execute(("%s -std=c99 -O1 -ffp-contract=off -Wall -Wextra -Werror -o %s.out %s.c "
    .. "-lm && %s.out"):format(CC, base, base, base))
  local results = {}
  for i, case in ipairs(cases) do
    local bytes, at, out = ok and whole(base .. case.name .. ".y") or "", 1, {}
    while at <= #bytes do out[#out + 1], at = string.unpack(format_of(case.model), bytes, at) end
    results[i] = out
  end
  for _, path in ipairs(files) do os.remove(path) end
  assert.truthy(ok, "the header does not compile, or does not run")
  return results
end

--- What model(x) gives, row by row, the outputs of a row one after the other.
local function expected_of(case)
  local y = case.model(#case.x == 1 and case.x[1] or case.x)
  local list, numbers = core.is_tensor(y) and { y } or y, {}
  for k, t in ipairs(list) do list[k] = t:reshape(t.shape[1], -1):totable() end
  for r = 1, #list[1] do
    for _, t in ipairs(list) do
      for _, v in ipairs(t[r]) do numbers[#numbers + 1] = v end
    end
  end
  return numbers
end

local function bits(v) return v ~= v and "nan" or ("%a"):format(v) end

local function all_same_bits(cases)
  for c, got in ipairs(run_all(cases)) do
    local expected, name = expected_of(cases[c]), cases[c].what or cases[c].name
    assert.equal(#expected, #got, name)
    for i, v in ipairs(expected) do
      assert.equal(bits(v), bits(got[i]), ("%s: number %d"):format(name, i))
    end
  end
end

local function run(model, x, name)
  return run_all({ { model = model, x = { x }, name = name } })[1]
end

local function same_bits(model, x, name)
  all_same_bits { { model = model, x = core.is_tensor(x) and { x } or x, name = name or "net" } }
end

local function sequential(shape, layers, dtype)
  local model = mlp.Sequential(layers)
  model:build(shape, dtype)
  return model
end

describe("model:to_c", function()
  local function works(what, f)
    it(what, has_compiler and f or function() pending "no C compiler (cc) on this machine" end)
  end

  works("gives the bits of a deep classifier, trained", function()
    local data = mlp.datasets.moons { n = 200, noise = 0.2 }
    local model = mlp.Sequential {
      mlp.Dense { units = 33, activation = "relu" }, mlp.Dropout(0.2),
      mlp.BatchNormalization(), mlp.Dense { units = 17, activation = "tanh" },
      mlp.Dense { units = 2, activation = "softmax" },
    }
    model:compile { optimizer = "adam", loss = "sparse_categorical_crossentropy" }
    model:fit(data, { epochs = 2, verbose = 0 })
    same_bits(model, data.x)
    local names = model:predict_proba(data.x):reshape(-1):totable()
    local got = run(model, data.x, "moons")
    for i, v in ipairs(names) do assert.equal(v, got[i]) end
  end)

  works("every activation there is, float32 and float64", function()
    local layers = {}
    for _, kind in ipairs(require("mlp.core").registry().activation) do
      layers[#layers + 1] = mlp.Dense { units = 9, activation = kind.name }
    end
    layers[#layers + 1] = mlp.Dense { units = 3,
      activation = mlp.activations.relu {
        negative_slope = 0.1, max_value = 0.5, threshold = 0.05,
      } }
    for _, dtype in ipairs { "float32", "float64" } do
      local x = mlp.randn({ 40, 5 }, { dtype = dtype })
      same_bits(sequential({ 5 }, layers, dtype), x * 2)
      local again = {}
      for i, layer in ipairs(layers) do
        again[i] = mlp.Dense { units = layer.units or 9, activation = layer.activation }
      end
      layers = again
    end
  end)

  works("more than 256 terms, a softmax of more than 2048, normalization of rows", function()
    local x = mlp.randn(3, 700)
    same_bits(sequential({ 700 }, {
      mlp.LayerNormalization(), mlp.Dense { units = 5, activation = "sigmoid" },
      mlp.Dense { units = 5000, activation = "softmax" },
    }), x)
  end)

  works("normalization: adapted and inverted, of root mean squares, to unit length; ELU", function()
    for _, dtype in ipairs { "float32", "float64" } do
      local x = mlp.randn({ 60, 7 }, { dtype = dtype }) * 3 + 1
      local scale = mlp.Normalization()
      scale:adapt(x)
      local back = mlp.Normalization { invert = true }
      back:adapt(x)
      same_bits(sequential({ 7 }, { scale, mlp.RMSNormalization(), mlp.ELU { alpha = 0.7 }, back,
        mlp.UnitNormalization(), mlp.Dense(21), mlp.RMSNormalization(), mlp.UnitNormalization() },
        dtype), x)
    end
    same_bits(sequential({ 3 }, { mlp.UnitNormalization() }), mlp.zeros(2, 3))
  end)

  works("graphs: residual sums, concatenation, rescaling, shapes", function()
    local input = mlp.Input { 3, 4 }
    local a = mlp.Flatten()(mlp.Rescaling { scale = 0.3, offset = -0.7 }(input))
    local b = mlp.Dense { units = 12, activation = "gelu" }(a)
    local c = mlp.Add() { a, b }
    local d = mlp.Concatenate() { c, b, mlp.Multiply() { a, b } }
    local e = mlp.Dense { units = 6 }(mlp.LeakyReLU()(mlp.PReLU()(d)))
    local f = mlp.Average() { mlp.Maximum() { e, mlp.Dense(6)(c) }, e, mlp.Dense(6)(b) }
    local model = mlp.Model { inputs = input,
      outputs = mlp.Reshape { target_shape = { 2, 3 } }(f) }
    model:build({ 3, 4 })
    same_bits(model, mlp.randn(50, 3, 4))
  end)

  --- Weights of every size, so that none is the one that adds or multiplies nothing.
  local function shake(model)
    local list = {}
    for _, layer in ipairs(model.layers) do
      for _, w in ipairs(layer:weights()) do
        local v = mlp.randn(w.tensor:size(), { dtype = w.tensor.dtype })
        list[#list + 1] = w.name:find "variance" and v:abs() or v
      end
    end
    model:set_weights(list)
  end

  --- The options without which a layer cannot be made; then each truth value the other way.
  local function variants(kind)
    local plain, turned, other = samples.options(kind), samples.options(kind), false
    for _, option in ipairs(kind.options) do
      if option.type == "boolean" then turned[option.name], other = not option.preset, true end
    end
    return other and { plain, turned } or { plain }
  end

  works("gives the bits of every built-in layer", function()
    mlp.seed(3)
    local cases = {}
    samples.each("layer", function(kind)
      for v, options in ipairs(variants(kind)) do
        local model, row = samples.model(kind, options)
        local x = samples.inputs(kind, row, 3)
        shake(model)
        cases[#cases + 1] = { model = model, x = { core.is_tensor(x) and x or x[1] },
          name = ("n%d"):format(#cases + 1), what = ("%s, options %d"):format(kind.name, v) }
      end
    end)
    all_same_bits(cases)
  end)

  works("groups over positions, axes in front, orders of three, tables of rows", function()
    local function model(x, f)
      local m = mlp.Model { inputs = x, outputs = f(x) }
      shake(m)
      return m
    end
    local image = mlp.randn(4, 5, 3, 6)
    local index = mlp.tensor({ { 1, 7 }, { 3, 2 } }, { dtype = "int64" })
    local words = mlp.Input { shape = { 2 }, dtype = "int64" }
    local wide = sequential({ 40 }, { mlp.Residual { units = 8, batch_normalization = true,
      activation = "log_softmax", dropout = 0.5 }, mlp.Residual { units = 8, layers = 1 } })
    shake(wide)
    all_same_bits {
      { name = "groups", x = { image },
        model = model(mlp.Input { 5, 3, 6 }, mlp.GroupNormalization { groups = 2 }) },
      { name = "permute", x = { image },
        model = model(mlp.Input { 5, 3, 6 }, mlp.Permute { dims = { 3, 1, 2 } }) },
      { name = "concatenate", x = { image }, model = model(mlp.Input { 5, 3, 6 }, function(x)
        local y = mlp.Concatenate { axis = 2 } { x, mlp.Rescaling(2)(x), x }
        return mlp.Concatenate { axis = 3 } { mlp.Concatenate { axis = -1 } { y, y },
          mlp.Concatenate { axis = 4 } { y, y } }
      end) },
      { name = "embedding", x = { index }, model = model(words, function(x)
        return mlp.Dense(2)(mlp.Flatten()(mlp.Embedding { input_dim = 7, output_dim = 5 } (x)))
      end) },
      { name = "maxout", x = { mlp.randn(9, 300) },
        model = model(mlp.Input { 300 }, mlp.Maxout { units = 4, pieces = 3 }) },
      { name = "residual", x = { mlp.randn(9, 40) }, model = wide },
    }
  end)

  works("several inputs and outputs, in the model's order", function()
    local a, b = mlp.Input { 4 }, mlp.Input { 4 }
    local d = mlp.Dot { normalize = true } { a, mlp.Dense(4)(b) }
    local model = mlp.Model { inputs = { a, b },
      outputs = { d, mlp.Dense(3)(a), mlp.Add() { a, b } } }
    same_bits(model, { mlp.randn(20, 4), mlp.randn(20, 4) })
  end)

  it("refuses by name what it cannot write, and writes no file", function()
    local path = os.tmpname()
    os.remove(path)
    local model = sequential({ 3 }, { mlp.Dense(4),
      mlp.Lambda { name = "to_c_square", call = function(x) return x * x end } })
    assert.error_matches(function() model:to_c(path) end,
      "to_c: layer 'to_c_square[^']*' %(to_c_square%): expected a built%-in layer; one in "
      .. "Lua has no C")
    local huge = mlp.Sequential { mlp.Embedding { input_dim = 20000000, output_dim = 1,
      embeddings_initializer = "zeros", name = "table" } }
    huge(mlp.tensor({ { 1 } }, { dtype = "int64" }))
    assert.error_matches(function() huge:to_c(path) end,
      "to_c: layer 'table' %(embedding%): expected an input_dim of at most 16777216, which float32 "
      .. "tells apart, got 20000000")
    assert.error_matches(function() model:to_c(path, { name = "2net" }) end,
      "to_c: option 'name': expected a C identifier, got '2net'")
    assert.error_matches(function() mlp.Sequential({ mlp.Dense(1) }):to_c(path) end, "is built")
    assert.is_nil(io.open(path))
  end)
end)
