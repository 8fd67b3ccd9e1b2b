/*
** linear.c - x itself.
*/
#include "activation/activation.h"

static REAL f (REAL x) { return x; }
static REAL df (REAL y) { return (void)y, R(1.0); }

#define DF_OF_OUT
#include "activation/elementwise.h"

const mlp_Activation mlp_activation_linear = {
  ELEMENTWISE("linear", "x"),
  .cite = "Keras 3.16, activations",
  .alias = "identity none",
};
