/*
** relu6.c - relu, at most 6.
*/
#include "activation/activation.h"

static REAL f (REAL x) { return x <= 0 ? 0 : x > 6 ? 6 : x; }
static REAL df (REAL y) { return (REAL)(y > 0 && y < 6); }

#define DF_OF_OUT
#include "activation/elementwise.h"

const mlp_Activation mlp_activation_relu6 = {
  ELEMENTWISE("relu6", "min(max(x, 0), 6)"),
  .cite = "Keras 3.16, activations",
  .check_min = -8,
  .check_max = 8,
};
