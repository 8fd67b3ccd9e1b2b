local mlp = require "mlp"

local CC <const> = "cc"
local has_compiler = os.execute(CC .. " --version > /dev/null 2>&1")

local function write(path, text)
  local file <close> = assert(io.open(path, "wb"))
  file:write(text)
end

--- Compile a program around the header, feed it the rows of x, and read what it computes.
local function run(model, x, name)
  local base = os.tmpname()
  local upper, real = name:upper(), model.dtype == "float32" and "float" or "double"
  model:to_c(base .. ".h", { name = name })
  write(base .. ".c", ([[
#include "%s.h"
#include <stdio.h>
int main (void) {
  %s x[%s_INPUTS], y[%s_OUTPUTS];
  while (fread(x, sizeof x, 1, stdin) == 1) {
    %s_predict(x, y);
    fwrite(y, sizeof y, 1, stdout);
  }
  return 0;
}
]]):format(base, real, upper, upper, name))
  local numbers, format = {}, model.dtype == "float32" and "<f" or "<d"
  for i, v in ipairs(x:reshape(-1):totable()) do numbers[i] = string.pack(format, v) end
  write(base .. ".in", table.concat(numbers))
  local command = ("%s -std=c99 -O2 -ffp-contract=off -Wall -Wextra -Werror -o %s.out %s.c -lm && "
    .. "%s.out < %s.in > %s.y"):format(CC, base, base, base, base, base)
  local ok = os.execute(command)
  local out = {}
  if ok then
    local file <close> = assert(io.open(base .. ".y", "rb"))
    local bytes, at = file:read "a", 1
    while at <= #bytes do out[#out + 1], at = string.unpack(format, bytes, at) end
  end
  for _, suffix in ipairs { "", ".h", ".c", ".in", ".out", ".y" } do os.remove(base .. suffix) end
  assert.truthy(ok, "the header does not compile")
  return out
end

local function same_bits(model, x, name)
  local expected = model(x):reshape(-1):totable()
  local got = run(model, x, name or "net")
  assert.equal(#expected, #got)
  for i, v in ipairs(expected) do
    assert.equal(("%a"):format(v), ("%a"):format(got[i]), "number " .. i)
  end
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

  it("refuses by name what it cannot write, and writes no file", function()
    local path = os.tmpname()
    os.remove(path)
    local model = sequential({ 3 }, { mlp.Dense(4), mlp.Maxout(2) })
    assert.error_matches(function() model:to_c(path) end,
      "to_c: layer 'maxout[^']*' %(maxout%): expected a layer that C")
    assert.error_matches(function() model:to_c(path, { name = "2net" }) end,
      "to_c: option 'name': expected a C identifier, got '2net'")
    assert.error_matches(function() mlp.Sequential({ mlp.Dense(1) }):to_c(path) end, "is built")
    assert.is_nil(io.open(path))
  end)
end)
