/*
** tanh.c - the hyperbolic tangent.
*/
#include "activation/activation.h"

static REAL f (REAL x) { return v_tanh(x); }
static REAL df (REAL y) { return 1 - y * y; }

#define DF_OF_OUT
#include "activation/elementwise.h"

const mlp_Activation mlp_activation_tanh = {
  ELEMENTWISE("tanh", "tanh(x)"),
  .cite = "Keras 3.16, activations",
};
