/*
** hard_tanh.c - tanh in straight lines.
*/
#include "activation/activation.h"

static REAL f (REAL x) { return x < -1 ? -1 : x > 1 ? 1 : x; }
static REAL df (REAL y) { return (REAL)(y > -1 && y < 1); }

#define DF_OF_OUT
#include "activation/elementwise.h"

const mlp_Activation mlp_activation_hard_tanh = {
  ELEMENTWISE("hard_tanh", "clip(x, -1, 1)"),
  .cite = "Keras 3.16, activations",
};
