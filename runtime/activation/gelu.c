/*
** gelu.c - x times the normal distribution function of x.
*/
#include "activation/activation.h"

enum { APPROXIMATE }; /* order of '.options' below */

static REAL erf_part (REAL x) {
  return R(0.5) * (1 + v_erf(x * R(0.7071067811865476)));
}

/* The argument of tanh in the approximation of 2016. */
static REAL inner (REAL x) {
  return R(0.7978845608028654) * (x + R(0.044715) * x * x * x);
}

static REAL f (REAL x, const REAL *p) {
  if (p[APPROXIMATE] == 0) return x * erf_part(x);
  return R(0.5) * x * (1 + v_tanh(inner(x)));
}

static REAL df (REAL x, const REAL *p) {
  if (p[APPROXIMATE] == 0)
    return erf_part(x) + x * R(0.3989422804014327) * v_exp(R(-0.5) * x * x);
  REAL t = v_tanh(inner(x));
  REAL slope = R(0.7978845608028654) * (1 + R(0.134145) * x * x);
  return R(0.5) * (1 + t + x * (1 - t * t) * slope);
}

#define PARAMS 1
#include "activation/elementwise.h"

const mlp_Activation mlp_activation_gelu = {
  ELEMENTWISE("gelu", "x * Phi(x), by erf; approximate = true: by tanh"),
  .cite = "Hendrycks & Gimpel 2016, arXiv:1606.08415",
  .options = {
      { "approximate", 0, 0, 1, "use the tanh formula", .type = MLP_BOOLEAN },
  },
};
