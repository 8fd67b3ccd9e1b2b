/*
** tanh_shrink.c - what tanh leaves.
*/
#include "activation/activation.h"

static REAL f (REAL x) { return x - v_tanh(x); }
static REAL df (REAL x) {
  REAL t = v_tanh(x);
  return t * t;
}

#include "activation/elementwise.h"

const mlp_Activation mlp_activation_tanh_shrink = {
  ELEMENTWISE("tanh_shrink", "x - tanh(x)"),
  .cite = "Keras 3.16, activations",
};
