/*
** celu.c - the continuously differentiable exponential linear unit.
*/
#include "activation/activation.h"

enum { ALPHA }; /* order of '.options' below */

static REAL f (REAL x, const REAL *p) {
  return x > 0 ? x : p[ALPHA] * v_expm1(x / p[ALPHA]);
}
static REAL df (REAL y, const REAL *p) { return y > 0 ? 1 : y / p[ALPHA] + 1; }

#define DF_OF_OUT
#define PARAMS 1
#include "activation/elementwise.h"

const mlp_Activation mlp_activation_celu = {
  ELEMENTWISE("celu", "x above 0, alpha * (exp(x / alpha) - 1) below"),
  .cite = "Barron 2017, arXiv:1704.07483",
  .options = {
      { "alpha", 1, 1e-6, 1e6, "how far below 0 it goes" },
  },
};
