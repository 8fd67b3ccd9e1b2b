--- The text of model:to_c that is the same for every model: the head, what rows need, and our own
--- elementary functions for one real type; and the names in it.
local core = require "mlp.core"

local M = {}

M.HELPERS = [[
/* y (rows, n) = x (rows, k) w (k, n) */
NET_FUNCTION void NET_dense (size_t rows, size_t k, size_t n, const REAL *x,
                       const REAL *w, REAL *y) {
  size_t r, j, b, i, end;
  for (r = 0; r < rows; r++)
    for (j = 0; j < n; j++) {
      REAL sum = 0;
      for (b = 0; b < k; b = end) {
        REAL chain = 0;
        end = k - b <= 384 ? k : b + 256;
        for (i = b; i < end; i++)
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

/* the largest; NaN wins */
NET_FUNCTION REAL NET_most (size_t n, const REAL *x) {
  size_t best = 0, i;
  for (i = 0; i < n; i++) {
    if (x[i] != x[i]) return x[i];
    if (x[i] > x[best]) best = i;
  }
  return x[best];
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

/* the same for each group of 'size' features, over all positions */
NET_FUNCTION void NET_groups (size_t positions, size_t groups, size_t size,
                       REAL *x, REAL epsilon) {
  size_t g, p, j;
  for (g = 0; g < groups; g++) {
    for (p = 0; p < positions; p++)
      for (j = 0; j < size; j++)
        NET_group[p * size + j] = x[(p * groups + g) * size + j];
    NET_standardize(positions * size, NET_group, epsilon);
    for (p = 0; p < positions; p++)
      for (j = 0; j < size; j++)
        x[(p * groups + g) * size + j] = NET_group[p * size + j];
  }
}
]]

M.HEAD = [[
/*
** A model of %d layers and %d weights, as C99: NET_predict computes one row.
** Written by mlprun %s. It gives the bits of model(x) where fma is exactly
** rounded (C99 asks for it) and the compiler joins no operations of its own:
** -std=c99 does that, else use -ffp-contract=off. Not thread-safe: the
** buffers are static.
**
**   REAL %s; ... NET_predict(%s);
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
enum { %s };
]]

--- One of our own headers for one real type: without its guards, includes and the other type.
function M.kernel(name, real)
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
local OURS <const> = { REAL = true, R = true, FMA = true, SQRT = true, VMATH = true,
  MLPI_BITS = true }

--- Every name that the file defines gets the net's name in front, so that two may be included.
function M.rename(text, name)
  local upper = name:upper()
  return (text:gsub(NAMES, function(word)
    if OURS[word] then return upper .. "_" .. word:gsub("^MLPI_", "") end
    if word == "mlpi_Uint" then return name .. "_Uint" end
    local rest = word:match "^NET_(.*)"
    if rest then return (rest:find "^%u" and upper or name) .. "_" .. rest end
    if word:find "^v_" then return name .. "_" .. word end
    if word:find "^V_" then return upper .. "_" .. word end
  end))
end

return M
