/*
** exponential.c - e to the x.
*/
#include "activation/activation.h"

static REAL f (REAL x) { return v_exp(x); }
static REAL df (REAL y) { return y; }

#define DF_OF_OUT
#include "activation/elementwise.h"

const mlp_Activation mlp_activation_exponential = {
  ELEMENTWISE("exponential", "exp(x)"),
  .cite = "Keras 3.16, activations",
  .alias = "exp",
};
