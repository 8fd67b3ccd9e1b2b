/*
** sigmoid.c - the logistic function; its slope is at most 1/4, at 0.
*/
#include "activation/activation.h"

static REAL f (REAL x) { return v_sigmoid(x); }
static REAL df (REAL y) { return y * (1 - y); }

#define DF_OF_OUT
#include "activation/elementwise.h"

const mlp_Activation mlp_activation_sigmoid = {
  ELEMENTWISE("sigmoid", "1 / (1 + exp(-x))"),
  .cite = "Keras 3.16, activations",
  .alias = "logistic",
};
