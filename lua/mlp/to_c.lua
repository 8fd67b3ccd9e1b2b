--- model:to_c: a trained model as one C99 header that needs nothing but the C library's <math.h>,
--- and gives the bits that model(x) gives.
--- The order of every operation is that of the kernels (runtime/tensor/kernel/kernel.h): a product
--- is one ascending chain of fused multiply-adds over blocks of 256 terms, the blocks added in
--- order; a sum runs over sixteen lanes and a fixed tree. The elementary functions are our own, as
--- text.
local core = require "mlp.core"
local check = require "mlp.check"
local emit = require "mlp.to_c.emit"
local layers = require "mlp.to_c.layers"

local M = {}

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

NET_FUNCTION void NET_sparsemax (size_t n, REAL *x) {
  const REAL most = NET_shifted(n, x);
  size_t kept = n + 1, before, i;
  REAL t = -(REAL)INFINITY, sum;
  do {
    before = kept, kept = 0, sum = 0;
    for (i = 0; i < n; i++)
      if (x[i] - most > t) sum += x[i] - most, kept++;
    t = (sum - 1) / (REAL)kept;
  } while (kept < before);
  for (i = 0; i < n; i++) x[i] = x[i] - most <= t ? 0 : x[i] - most - t;
}

NET_FUNCTION REAL NET_squares (size_t n, const REAL *x) {
  size_t i;
  for (i = 0; i < n; i++) NET_row[i] = x[i] * x[i];
  return NET_total(n, NET_row, NULL);
}

/* x / sqrt(mean of squares + epsilon) */
NET_FUNCTION void NET_rms (size_t n, REAL *x, REAL epsilon) {
  const REAL size = SQRT(NET_squares(n, x) / (REAL)n + epsilon);
  size_t i;
  for (i = 0; i < n; i++) x[i] = x[i] / size;
}

/* x / sqrt(sum of squares, or that least one) */
NET_FUNCTION void NET_unit (size_t n, REAL *x, REAL least) {
  const REAL sum = NET_squares(n, x), size = SQRT(sum < least ? least : sum);
  size_t i;
  for (i = 0; i < n; i++) x[i] = x[i] / size;
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
    [0] = { at = "in", size = emit.size_of(input), width = input[#input] or 1 },
  }
  local longest = 1
  for i, use in ipairs(core.model_uses(model)) do
    local write = layers[use.layer.kind]
    if not write then emit.refuse(use.layer, "expected a layer that C can be written for") end
    use.size, use.to, use.from = emit.size_of(use.shape), ("NET_u%d"):format(i), {}
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
