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

const mlp_Activation mlp_activation_relu = {
  ELEMENTWISE("relu",
              "x above the threshold, at most max_value; negative_slope * "
              "(x - threshold) below it"),
  .cite = "Nair & Hinton 2010, ICML; Keras 3.16, activations",
  .options = {
      { "negative_slope", 0, 0, 1, "slope below the threshold" },
      { "max_value", HUGE_VAL, 0, HUGE_VAL, "the largest value" },
      { "threshold", 0, 0, HUGE_VAL, "where it begins" },
  },
};
