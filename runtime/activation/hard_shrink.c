/*
** hard_shrink.c - 0 within a threshold.
*/
#include "activation/activation.h"

enum { THRESHOLD }; /* order of '.options' below */

static REAL f (REAL x, const REAL *p) {
  return FABS(x) <= p[THRESHOLD] ? 0 : x;
}
static REAL df (REAL y, const REAL *p) { return (void)p, (REAL)(y != 0); }

#define DF_OF_OUT
#define PARAMS 1
#include "activation/elementwise.h"

const mlp_Activation mlp_activation_hard_shrink = {
  ELEMENTWISE("hard_shrink", "x where |x| > threshold, else 0"),
  .cite = "Keras 3.16, activations",
  .options = {
      { "threshold", 0.5, 0, HUGE_VAL, "half the width of the flat part" },
  },
};
