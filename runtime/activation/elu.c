/*
** elu.c - the exponential linear unit.
*/
#include "activation/activation.h"

enum { ALPHA }; /* order of '.options' below */

static REAL f (REAL x, const REAL *p) {
  return x > 0 ? x : p[ALPHA] * v_expm1(x);
}
static REAL df (REAL y, const REAL *p) { return y > 0 ? 1 : y + p[ALPHA]; }

#define DF_OF_OUT
#define PARAMS 1
#include "activation/elementwise.h"

const mlp_Activation mlp_activation_elu = {
  ELEMENTWISE("elu", "x above 0, alpha * (exp(x) - 1) below"),
  .cite = "Clevert, Unterthiner & Hochreiter 2015, arXiv:1511.07289",
  .options = {
      { "alpha", 1, 0, HUGE_VAL, "how far below 0 it goes" },
  },
};
