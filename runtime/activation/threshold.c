/*
** threshold.c - x above a threshold, a constant below.
*/
#include "activation/activation.h"

enum { THRESHOLD, DEFAULT_VALUE }; /* order of '.options' below */

static REAL f (REAL x, const REAL *p) {
  return x <= p[THRESHOLD] ? p[DEFAULT_VALUE] : x;
}
static REAL df (REAL x, const REAL *p) { return (REAL)(x > p[THRESHOLD]); }

#define PARAMS 2
#include "activation/elementwise.h"

const mlp_Activation mlp_activation_threshold = {
  ELEMENTWISE("threshold", "x where x > threshold, else default_value"),
  .cite = "Keras 3.16, activations",
  .options = {
      { "threshold", 0, -HUGE_VAL, HUGE_VAL, "where it begins" },
      { "default_value", 0, -HUGE_VAL, HUGE_VAL, "what stands below" },
  },
};
