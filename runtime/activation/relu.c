/*
** relu.c - the rectified linear unit. Its derivative at 0 is 0.
*/
#include "activation/activation.h"

enum { NEGATIVE_SLOPE, MAX_VALUE, THRESHOLD }; /* order of '.options' below */

/* Written so that NaN stays NaN and -inf gives 0. */
static REAL f (REAL x, const REAL *p) {
  REAL low = p[NEGATIVE_SLOPE] * (x - p[THRESHOLD]);
  low = p[NEGATIVE_SLOPE] == 0 && x == x ? 0 : low;
  REAL y = x > p[THRESHOLD] ? x : low;
  return y > p[MAX_VALUE] ? p[MAX_VALUE] : y;
}

/* What lies at or below the threshold came out as 0 or less. */
static REAL df (REAL y, const REAL *p) {
  REAL d = y > p[THRESHOLD] ? 1 : p[NEGATIVE_SLOPE];
  return y >= p[MAX_VALUE] ? 0 : d;
}

#define DF_OF_OUT
#define PARAMS 3
#include "activation/elementwise.h"

static bool is_plain (const double *opt) {
  return opt[NEGATIVE_SLOPE] == 0 && opt[MAX_VALUE] == HUGE_VAL &&
         opt[THRESHOLD] == 0;
}

/* The same with the presets: fewer steps. */
static void relu (const double *opt, size_t rows, size_t cols, const void *x,
                  void *y) {
  const REAL *from = x;
  REAL *to = y;
  if (!is_plain(opt)) {
    forward(opt, rows, cols, x, y);
    return;
  }
  MLPI_IVDEP
#pragma GCC unroll 4
  for (size_t i = 0; i < rows * cols; i++) to[i] = from[i] <= 0 ? 0 : from[i];
}

static void back (const double *opt, size_t rows, size_t cols, const void *x,
                  const void *y, const void *g, void *gx) {
  const REAL *v = y, *from = g;
  REAL *to = gx;
  if (!is_plain(opt)) {
    backward(opt, rows, cols, x, y, g, gx);
    return;
  }
  MLPI_IVDEP
#pragma GCC unroll 4
  for (size_t i = 0; i < rows * cols; i++)
    to[i] = from[i] * (v[i] > 0 && v[i] < (REAL)HUGE_VAL ? R(1.) : R(0.));
}

const mlp_Activation mlp_activation_relu = {
  .name = "relu",
  .doc = "x above the threshold, at most max_value; negative_slope * "
         "(x - threshold) below it",
  .needs = READS,
  .elementwise = true,
  .forward = relu,
  .backward = back,
  .cite = "Nair & Hinton 2010, ICML; Keras 3.16, activations",
  .options = {
      { "negative_slope", 0, 0, 1, "slope below the threshold" },
      { "max_value", HUGE_VAL, 0, HUGE_VAL, "the largest value" },
      { "threshold", 0, 0, HUGE_VAL, "where it begins" },
  },
};
