/*
** leaky_relu.c - relu with a slope below 0.
*/
#include "activation/activation.h"

enum { NEGATIVE_SLOPE }; /* order of '.options' below */

static REAL f (REAL x, const REAL *p) {
  return x > 0 ? x : p[NEGATIVE_SLOPE] * x;
}
static REAL df (REAL y, const REAL *p) { return y > 0 ? 1 : p[NEGATIVE_SLOPE]; }

#define DF_OF_OUT
#define PARAMS 1
#include "activation/elementwise.h"

const mlp_Activation mlp_activation_leaky_relu = {
  ELEMENTWISE("leaky_relu", "x above 0, negative_slope * x below"),
  .cite = "Maas, Hannun & Ng 2013, ICML; Keras 3.16, activations",
  .options = {
      { "negative_slope", 0.2, 0, 1, "slope below 0" },
  },
};
