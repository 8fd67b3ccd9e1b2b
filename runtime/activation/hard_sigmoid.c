/*
** hard_sigmoid.c - sigmoid in straight lines.
*/
#include "activation/activation.h"

static REAL f (REAL x) {
  REAL y = x * R(0.16666666666666667) + R(0.5);
  return y < 0 ? 0 : y > 1 ? 1 : y;
}

static REAL df (REAL y) { return y > 0 && y < 1 ? R(0.16666666666666667) : 0; }

#define DF_OF_OUT
#include "activation/elementwise.h"

const mlp_Activation mlp_activation_hard_sigmoid = {
  ELEMENTWISE("hard_sigmoid", "clip(x / 6 + 0.5, 0, 1)"),
  .cite = "Keras 3.16, activations",
  .check_min = -8,
  .check_max = 8,
};
