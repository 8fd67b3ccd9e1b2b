--- model:to_c: a trained model as one C99 header that needs nothing but the C library's <math.h>,
--- and gives the bits that model(x) gives.
--- The order of every operation is that of the kernels (runtime/tensor/kernel/kernel.h): a product
--- is one ascending chain of fused multiply-adds over blocks of 256 terms, the blocks added in
--- order; a sum runs over sixteen lanes and a fixed tree. The elementary functions are our own, as
--- text.
local core = require "mlp.core"
local check = require "mlp.check"

local M = {}

-- Text. ---------------------------------------------------------------------

--- A number that C reads back exactly.
local function literal(v, real)
  if v ~= v then return "(REAL)NAN" end
  if v == math.huge then return "(REAL)INFINITY" end
  if v == -math.huge then return "(REAL)-INFINITY" end
  return ("%a"):format(v) .. (real == "float32" and "f" or "")
end

--- An option as the kernels see it: rounded to the model's type.
local function constant(net, v)
  return literal(core.tensor(v, { dtype = net.dtype }):item(), net.dtype)
end

local function add(net, fmt, ...) net.body[#net.body + 1] = fmt:format(...) end

--- A weight as a constant array; its name.
local function array(net, t)
  local name, numbers = ("NET_w%d"):format(net.arrays), {}
  net.arrays = net.arrays + 1
  for i, v in ipairs(t:reshape(-1):totable()) do
    numbers[i] = literal(v, net.dtype) .. (i % 6 == 0 and ",\n  " or ", ")
  end
  net.data[#net.data + 1] = ("static const REAL %s[%d] = {\n  %s\n};"):format(name,
    math.max(#numbers, 1), table.concat(numbers))
  return name
end

local function weight(layer, name)
  for _, w in ipairs(layer:weights()) do
    if w.name == name then return w.tensor end
  end
end

local function size_of(shape)
  local n = 1
  for _, size in ipairs(shape) do n = n * size end
  return n
end

local function refuse(layer, what)
  check.raise("argument", "to_c: layer '%s' (%s): %s", layer.name, layer.kind, what)
end

-- Activations: y from x, as C. ----------------------------------------------

local ACTIVATION <const> = {
  exponential = "v_exp(x)",
  hard_sigmoid = "(t = x * R(0.16666666666666667) + R(0.5), t < 0 ? 0 : t > 1 ? 1 : t)",
  hard_silu = "(t = x * R(0.16666666666666667) + R(0.5), x * (t < 0 ? 0 : t > 1 ? 1 : t))",
  hard_tanh = "x < -1 ? -1 : x > 1 ? 1 : x",
  lecun_tanh = "R(1.7159) * v_tanh(x * R(0.66666666666666667))",
  linear = "x",
  log_sigmoid = "-v_softplus(-x)",
  mish = "x * v_tanh(v_softplus(x))",
  relu6 = "x <= 0 ? 0 : x > 6 ? 6 : x",
  selu = "x > 0 ? R(1.0507009873554805) * x : "
    .. "R(1.0507009873554805) * R(1.6732632423543772) * v_expm1(x)",
  sigmoid = "v_sigmoid(x)",
  silu = "x * v_sigmoid(x)",
  softplus = "v_softplus(x)",
  softsign = "x / (1 + v_abs(x))",
  tanh = "v_tanh(x)",
  tanh_shrink = "x - v_tanh(x)",
}

local PARAMETRIC <const> = {
  elu = { "x > 0 ? x : %s * v_expm1(x)", "alpha" },
  leaky_relu = { "x > 0 ? x : %s * x", "negative_slope" },
}

local function relu(net, object)
  local slope, most = object.negative_slope, object.max_value
  local threshold = constant(net, object.threshold)
  local low = slope == 0 and "(x == x ? 0 : x)"
    or ("%s * (x - %s)"):format(constant(net, slope), threshold)
  local y = ("x > %s ? x : %s"):format(threshold, low)
  if most == math.huge then return y end
  return ("(t = %s, t > %s ? %s : t)"):format(y, constant(net, most), constant(net, most))
end

local function gelu(_, object)
  if object.approximate == true or object.approximate == 1 then
    return "R(0.5) * x * (1 + v_tanh(R(0.7978845608028654) * (x + R(0.044715) * x * x * x)))"
  end
  return "x * R(0.5) * (1 + v_erf(x * R(0.7071067811865476)))"
end

--- Apply an activation to n numbers of a buffer, row by row where it must be.
local function activate(net, layer, object, shape, at)
  local n, row = size_of(shape), shape[#shape] or 1
  local kind = object and object.kind or "linear"
  if kind == "linear" then return end
  if kind == "softmax" or kind == "log_softmax" then
    add(net, "  for (i = 0; i < %d; i++) NET_%s(%d, %s + i * %d);", n // row, kind, row, at, row)
    return
  end
  local expression = ACTIVATION[kind]
  if kind == "relu" then expression = relu(net, object) end
  if kind == "gelu" then expression = gelu(net, object) end
  if PARAMETRIC[kind] then
    expression = PARAMETRIC[kind][1]:format(constant(net, object[PARAMETRIC[kind][2]]))
  end
  if not expression then
    refuse(layer, ("expected an activation that C can be written for, got '%s'"):format(kind))
  end
  add(net, "  for (i = 0; i < %d; i++) {\n    const REAL x = %s[i];\n    REAL t = 0;\n"
    .. "    %s[i] = %s;\n    (void)t;\n  }", n, at, at, expression)
end

-- Layers: each writes its buffer 'to' from the buffers 'from'. ---------------

local LAYER = {}

local function copy(net, use)
  add(net, "  memcpy(%s, %s, %d * sizeof(REAL));", use.to, use.from[1].at, use.size)
end

for name in ("dropout alpha_dropout gaussian_dropout gaussian_noise activity_regularization "
  .. "flatten reshape"):gmatch "%S+" do
  LAYER[name] = copy
end

function LAYER.dense(net, use, o)
  local kernel, bias = weight(use.layer, "kernel"), weight(use.layer, "bias")
  local k, n = kernel.shape[1], kernel.shape[2]
  add(net, "  NET_dense(%d, %d, %d, %s, %s, %s);", use.size // n, k, n, use.from[1].at,
    array(net, kernel), use.to)
  if bias then
    add(net, "  for (i = 0; i < %d; i++) %s[i] = %s[i] + %s[i %% %d];", use.size, use.to, use.to,
      array(net, bias), n)
  end
  activate(net, use.layer, o.activation, use.shape, use.to)
end

function LAYER.activation(net, use, o)
  copy(net, use)
  activate(net, use.layer, o.activation, use.shape, use.to)
end

function LAYER.softmax(net, use)
  copy(net, use)
  activate(net, use.layer, { kind = "softmax" }, use.shape, use.to)
end

local function each(net, use, expression)
  add(net, "  for (i = 0; i < %d; i++) {\n    const REAL x = %s[i];\n    %s[i] = %s;\n  }",
    use.size, use.from[1].at, use.to, expression)
end

function LAYER.rescaling(net, use, o)
  each(net, use, ("x * %s + %s"):format(constant(net, o.scale), constant(net, o.offset)))
end

local RELU <const> = "(x > 0 ? x : x == x ? 0 : x)"
local LEFT <const> = "(-x > 0 ? -x : x == x ? 0 : -x)"

function LAYER.leaky_relu(net, use, o)
  each(net, use, ("%s - %s * %s"):format(RELU, LEFT, constant(net, o.negative_slope)))
end

function LAYER.prelu(net, use)
  local alpha = weight(use.layer, "alpha") or use.layer:weights()[1].tensor
  each(net, use, ("%s - %s * %s[i %% %d]"):format(RELU, LEFT, array(net, alpha), alpha:numel()))
end

--- gamma, then beta, where the layer has them.
local function scale_and_shift(net, use)
  local gamma, beta = weight(use.layer, "gamma"), weight(use.layer, "beta")
  local n = use.shape[#use.shape]
  if gamma then
    add(net, "  for (i = 0; i < %d; i++) %s[i] = %s[i] * %s[i %% %d];", use.size, use.to, use.to,
      array(net, gamma), n)
  end
  if beta then
    add(net, "  for (i = 0; i < %d; i++) %s[i] = %s[i] + %s[i %% %d];", use.size, use.to, use.to,
      array(net, beta), n)
  end
end

function LAYER.batch_normalization(net, use, o)
  local mean, variance = weight(use.layer, "moving_mean"), weight(use.layer, "moving_variance")
  local n = use.shape[#use.shape]
  each(net, use, ("(x - %s[i %% %d]) / SQRT(%s[i %% %d] + %s)"):format(array(net, mean), n,
    array(net, variance), n, constant(net, o.epsilon)))
  scale_and_shift(net, use)
end

function LAYER.layer_normalization(net, use, o)
  local n = use.shape[#use.shape]
  copy(net, use)
  add(net, "  for (i = 0; i < %d; i++) NET_standardize(%d, %s + i * %d, %s);", use.size // n, n,
    use.to, n, constant(net, o.epsilon))
  scale_and_shift(net, use)
end

--- Layers of several inputs: a op b, then op c...
local MERGE <const> = {
  add = "a + b", subtract = "a - b", multiply = "a * b",
  maximum = "a > b || a != a ? a : b", minimum = "a < b || a != a ? a : b",
}

for kind, expression in pairs(MERGE) do
  LAYER[kind] = function(net, use)
    for _, from in ipairs(use.from) do
      if from.size ~= use.size then refuse(use.layer, "expected inputs of one shape") end
    end
    copy(net, use)
    for k = 2, #use.from do
      add(net, "  for (i = 0; i < %d; i++) {\n    const REAL a = %s[i], b = %s[i];\n"
        .. "    %s[i] = %s;\n  }", use.size, use.to, use.from[k].at, use.to, expression)
    end
  end
end

function LAYER.concatenate(net, use, o)
  if o.axis ~= -1 and o.axis ~= #use.shape then
    refuse(use.layer, "expected inputs side by side along the last dimension")
  end
  local n, at = use.shape[#use.shape], 0
  for _, from in ipairs(use.from) do
    local width = from.width
    add(net, "  for (i = 0; i < %d; i++)\n    memcpy(%s + i * %d + %d, %s + i * %d, "
      .. "%d * sizeof(REAL));", use.size // n, use.to, n, at, from.at, width, width)
    at = at + width
  end
end

-- The parts of the file. -----------------------------------------------------

local HELPERS <const> = [[
/* y (rows, n) = x (rows, k) w (k, n) */
NET_FUNCTION void NET_dense (size_t rows, size_t k, size_t n, const REAL *x,
                       const REAL *w, REAL *y) {
  size_t r, j, b, i;
  for (r = 0; r < rows; r++)
    for (j = 0; j < n; j++) {
      REAL sum = 0;
      for (b = 0; b < k; b += 256) {
        REAL chain = 0;
        for (i = b; i < k && i < b + 256; i++)
          chain = FMA(x[r * k + i], w[i * n + j], chain);
        sum = b == 0 ? chain : sum + chain;
      }
      y[r * n + j] = sum;
    }
}

/* Sixteen lanes over one block of at most 2048 terms x[i], or x[i] y[i]. */
NET_FUNCTION REAL NET_block (size_t n, const REAL *x, const REAL *y) {
  REAL lane[16] = { 0 };
  size_t i, half;
  for (i = 0; i < n; i++) lane[i % 16] += y != NULL ? x[i] * y[i] : x[i];
  for (half = 8; half > 0; half /= 2)
    for (i = 0; i < half; i++) lane[i] += lane[i + half];
  return lane[0];
}

/* The blocks as a binary tree. */
NET_FUNCTION REAL NET_total (size_t n, const REAL *x, const REAL *y) {
  REAL part[64] = { 0 };
  size_t i, count = 0, c, top = 0;
  if (y == NULL && n >= 1 && n <= 4) {
    const REAL a = 0 + x[0];
    if (n == 1) return a;
    if (n == 2) return a + (0 + x[1]);
    if (n == 3) return (a + (0 + x[2])) + (0 + x[1]);
    return (a + (0 + x[2])) + ((0 + x[1]) + (0 + x[3]));
  }
  for (i = 0; i < n; i += 2048, count++) {
    part[top++] = NET_block(n - i < 2048 ? n - i : 2048, x + i,
                            y != NULL ? y + i : NULL);
    for (c = count; c % 2 == 1; c /= 2, top--) part[top - 2] += part[top - 1];
  }
  for (; top > 1; top--) part[top - 2] += part[top - 1];
  return part[0];
}

NET_FUNCTION REAL NET_shifted (size_t n, REAL *x) {
  REAL most = x[0];
  size_t i;
  for (i = 1; i < n; i++) most = x[i] > most ? x[i] : most;
  return most;
}

NET_FUNCTION void NET_softmax (size_t n, REAL *x) {
  const REAL most = NET_shifted(n, x);
  REAL sum;
  size_t i;
  for (i = 0; i < n; i++) x[i] = v_exp(x[i] - most);
  sum = NET_total(n, x, NULL);
  for (i = 0; i < n; i++) x[i] /= sum;
}

NET_FUNCTION void NET_log_softmax (size_t n, REAL *x) {
  const REAL most = NET_shifted(n, x);
  REAL log_sum;
  size_t i;
  for (i = 0; i < n; i++) NET_row[i] = v_exp(x[i] - most);
  log_sum = v_log(NET_total(n, NET_row, NULL));
  for (i = 0; i < n; i++) x[i] = x[i] - most - log_sum;
}

/* (x - mean) / sqrt(variance + epsilon) */
NET_FUNCTION void NET_standardize (size_t n, REAL *x, REAL epsilon) {
  const REAL mean = NET_total(n, x, NULL) / (REAL)n;
  REAL variance;
  size_t i;
  for (i = 0; i < n; i++) NET_row[i] = x[i] - mean;
  variance = NET_total(n, NET_row, NET_row) / (REAL)n;
  for (i = 0; i < n; i++) x[i] = (x[i] - mean) / SQRT(variance + epsilon);
}
]]

local HEAD <const> = [[
/*
** A model of %d layers and %d weights, as C99: NET_predict computes one row.
** Written by mlprun %s. It gives the bits of model(x) where fma is exactly
** rounded (C99 asks for it) and the compiler joins no operations of its own:
** -std=c99 does that, else use -ffp-contract=off. Not thread-safe: the
** buffers are static.
**
**   REAL x[NET_INPUTS], y[NET_OUTPUTS]; ... NET_predict(x, y);
*/
#ifndef NET_H
#define NET_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if !defined(__GNUC__)
#define __attribute__(x)
#define __builtin_trunc trunc
#define __builtin_truncf truncf
#endif

#define REAL %s
#define R(x) x%s
#define FMA %s
#define SQRT %s
#define MLPI_BITS %d
#define NET_FUNCTION static __attribute__((unused))
enum { NET_INPUTS = %d, NET_OUTPUTS = %d };
]]

--- One of our own headers for one real type: without its guards, includes and the other type.
local function kernel_text(name, real)
  local keep, out, depth, skipping = real == "float32", {}, 0, nil
  for line in (core.text(name) .. "\n"):gmatch "([^\n]*)\n" do
    if line:find "^#if" then
      depth = depth + 1
      if line:find "MLPI_BITS" then
        skipping = { depth = depth, on = (line:find "== 32" ~= nil) ~= keep }
        goto next
      end
    elseif line:find "^#else" and skipping and skipping.depth == depth then
      skipping.on = not skipping.on
      goto next
    elseif line:find "^#endif" then
      depth = depth - 1
      if skipping and skipping.depth == depth + 1 then
        skipping = nil
        goto next
      end
    end
    if not (skipping and skipping.on) and not line:find '^#include "'
      and not line:find "^#include <" and not line:find "_h$" then
      out[#out + 1] = line
    end
    ::next::
  end
  if out[#out] == "" then out[#out] = nil end
  for i = #out, 1, -1 do -- the guard's #endif
    if out[i]:find "^#endif" then
      table.remove(out, i)
      break
    end
  end
  return table.concat(out, "\n")
end

local NAMES <const> = "[%a_][%w_]*"

--- Every name that the file defines gets the net's name in front, so that two may be included.
local function rename(text, name)
  local upper = name:upper()
  local fixed = { REAL = upper .. "_REAL", R = upper .. "_R", FMA = upper .. "_FMA",
    SQRT = upper .. "_SQRT", VMATH = upper .. "_VMATH", mlpi_Uint = name .. "_Uint",
    NET_H = upper .. "_H", MLPI_BITS = upper .. "_BITS",
    NET_FUNCTION = upper .. "_FUNCTION", NET_INPUTS = upper .. "_INPUTS",
    NET_OUTPUTS = upper .. "_OUTPUTS" }
  return (text:gsub(NAMES, function(word)
    if fixed[word] then return fixed[word] end
    local rest = word:match "^NET_(.*)"
    if rest then return name .. "_" .. rest end
    if word:find "^v_" then return name .. "_" .. word end
    if word:find "^V_" then return upper .. "_" .. word end
  end))
end

--- Every use in turn, into net.body.
local function write_uses(net, model)
  local input = model.input_shape
  local buffers = {
    [0] = { at = "in", size = size_of(input), width = input[#input] or 1 },
  }
  local longest = 1
  for i, use in ipairs(core.model_uses(model)) do
    local write = LAYER[use.layer.kind]
    if not write then refuse(use.layer, "expected a layer that C can be written for") end
    use.size, use.to, use.from = size_of(use.shape), ("NET_u%d"):format(i), {}
    for k, from in ipairs(use.inputs) do use.from[k] = buffers[from] end
    net.data[#net.data + 1] = ("static REAL %s[%d];"):format(use.to, math.max(use.size, 1))
    write(net, use, core.layer_options(use.layer))
    buffers[i] = { at = use.to, size = use.size, width = use.shape[#use.shape] or 1 }
    longest = math.max(longest, buffers[i].width)
  end
  return buffers, longest
end

local function check_model(model)
  if not model.built then
    check.raise("state", "to_c: expected a model that is built; call it on data first")
  end
  if #model.inputs ~= 1 or #model.outputs ~= 1 then
    check.raise("argument", "to_c: expected a model with one input and one output, got %d and %d",
      #model.inputs, #model.outputs)
  end
end

--- The header as text.
function M.text(model, name)
  check_model(model)
  local net = { dtype = model.dtype, data = {}, body = {}, arrays = 0 }
  local buffers, longest = write_uses(net, model)
  local out = buffers[model.outputs[1].use or #buffers]
  local f32 = model.dtype == "float32"
  local parts = {
    HEAD:format(#model.layers, model:count(), core.version, f32 and "float" or "double",
      f32 and "##f" or "", f32 and "fmaf" or "fma", f32 and "sqrtf" or "sqrt", f32 and 32 or 64,
      buffers[0].size, out.size),
  }
  for _, part in ipairs { "vbase.h", "vmath.h" } do
    parts[#parts + 1] = kernel_text(part, model.dtype)
  end
  parts[#parts + 1] = ("static REAL NET_row[%d];\n"):format(longest)
  parts[#parts + 1] = HELPERS
  parts[#parts + 1] = table.concat(net.data, "\n")
  parts[#parts + 1] = "\nNET_FUNCTION void NET_predict (const REAL *in, REAL *out) {\n"
    .. "  size_t i;\n  (void)i;"
  parts[#parts + 1] = table.concat(net.body, "\n")
  parts[#parts + 1] = ("  memcpy(out, %s, %d * sizeof(REAL));\n}\n\n#endif"):format(out.at,
    out.size)
  return rename(table.concat(parts, "\n"), name) .. "\n"
end

return M
