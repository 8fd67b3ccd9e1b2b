/*
** softplus.c - a smooth relu.
*/
#include "activation/activation.h"

static REAL f (REAL x) { return v_softplus(x); }
static REAL df (REAL x) { return v_sigmoid(x); }

#include "activation/elementwise.h"

const mlp_Activation mlp_activation_softplus = {
  ELEMENTWISE("softplus", "log(1 + exp(x))"),
  .cite = "Dugas et al. 2000, NIPS; Keras 3.16, activations",
};
