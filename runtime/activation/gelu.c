/*
** gelu.c - x times the normal distribution function of x. Each formula has
** its own loop, so that both are vectorised.
** Hendrycks & Gimpel 2016, arXiv:1606.08415
*/
#include "activation/activation.h"

enum { APPROXIMATE }; /* order of '.options' below */

#define SQRT_2_OVER_PI R(0.7978845608028654)

static REAL exact (REAL x) {
  return x * R(0.5) * (1 + v_erf(x * R(0.7071067811865476)));
}

static REAL exact_slope (REAL x) {
  return R(0.5) * (1 + v_erf(x * R(0.7071067811865476))) +
         x * R(0.3989422804014327) * v_exp(R(-0.5) * x * x);
}

static REAL inner_tanh (REAL x) {
  return v_tanh(SQRT_2_OVER_PI * (x + R(0.044715) * x * x * x));
}

static REAL by_tanh (REAL x) { return R(0.5) * x * (1 + inner_tanh(x)); }

static REAL by_tanh_slope (REAL x) {
  REAL t = inner_tanh(x);
  REAL inner_slope = SQRT_2_OVER_PI * (1 + R(0.134145) * x * x);
  return R(0.5) * (1 + t + x * (1 - t * t) * inner_slope);
}

static void forward (const double *opt, size_t rows, size_t cols, const void *x,
                     void *y) {
  const REAL *from = x;
  REAL *to = y;
  const size_t n = rows * cols;
  if (opt[APPROXIMATE] != 0) {
    MLPI_IVDEP
    for (size_t i = 0; i < n; i++) to[i] = by_tanh(from[i]);
  } else {
    MLPI_IVDEP
    for (size_t i = 0; i < n; i++) to[i] = exact(from[i]);
  }
}

static void backward (const double *opt, size_t rows, size_t cols,
                      const void *x, const void *y, const void *g, void *gx) {
  const REAL *from = x, *up = g;
  REAL *to = gx;
  const size_t n = rows * cols;
  (void)y;
  if (opt[APPROXIMATE] != 0) {
    MLPI_IVDEP
    for (size_t i = 0; i < n; i++) to[i] = up[i] * by_tanh_slope(from[i]);
  } else {
    MLPI_IVDEP
    for (size_t i = 0; i < n; i++) to[i] = up[i] * exact_slope(from[i]);
  }
}

const mlp_Activation mlp_activation_gelu = {
  .name = "gelu",
  .doc = "x * Phi(x), by erf; approximate = true: by tanh",
  .cite = "Hendrycks & Gimpel 2016, arXiv:1606.08415",
  .options = {
      { "approximate", 0, 0, 1, "use the tanh formula", .type = MLP_BOOLEAN },
  },
  .needs = MLPI_OP_NEEDS_IN,
  .elementwise = true,
  .forward = forward,
  .backward = backward,
};
