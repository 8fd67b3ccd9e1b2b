/*
** mish.c - x times the tanh of its softplus.
*/
#include "activation/activation.h"

static REAL f (REAL x) { return x * v_tanh(v_softplus(x)); }
static REAL df (REAL x) {
  REAL t = v_tanh(v_softplus(x));
  return t + x * (1 - t * t) * v_sigmoid(x);
}

#include "activation/elementwise.h"

const mlp_Activation mlp_activation_mish = {
  ELEMENTWISE("mish", "x * tanh(log(1 + exp(x)))"),
  .cite = "Misra 2019, arXiv:1908.08681",
};
