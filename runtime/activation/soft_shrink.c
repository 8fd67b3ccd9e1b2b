/*
** soft_shrink.c - towards 0 by a threshold; 0 within it.
*/
#include "activation/activation.h"

enum { THRESHOLD }; /* order of '.options' below */

static REAL f (REAL x, const REAL *p) {
  REAL y = x > 0 ? x - p[THRESHOLD] : x + p[THRESHOLD];
  return FABS(x) <= p[THRESHOLD] ? 0 : y;
}

static REAL df (REAL y, const REAL *p) { return (void)p, (REAL)(y != 0); }

#define DF_OF_OUT
#define PARAMS 1
#include "activation/elementwise.h"

const mlp_Activation mlp_activation_soft_shrink = {
  ELEMENTWISE("soft_shrink",
              "x - threshold above it, x + threshold below its negative, "
              "else 0"),
  .cite = "Keras 3.16, activations",
  .options = {
      { "threshold", 0.5, 0, HUGE_VAL, "half the width of the flat part" },
  },
};
