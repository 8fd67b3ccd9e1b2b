/*
** log_sigmoid.c - the logarithm of the sigmoid.
*/
#include "activation/activation.h"

static REAL f (REAL x) { return -v_softplus(-x); }
static REAL df (REAL y) { return -v_expm1(y); }

#define DF_OF_OUT
#include "activation/elementwise.h"

const mlp_Activation mlp_activation_log_sigmoid = {
  ELEMENTWISE("log_sigmoid", "-log(1 + exp(-x))"),
  .cite = "Keras 3.16, activations",
};
