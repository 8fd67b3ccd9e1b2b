/*
** sparse_plus.c - softplus with a parabola: exactly 0 below -1.
*/
#include "activation/activation.h"

static REAL f (REAL x) {
  return x <= -1 ? 0 : x < 1 ? R(0.25) * (x + 1) * (x + 1) : x;
}
static REAL df (REAL x) { return x <= -1 ? 0 : x < 1 ? R(0.5) * (x + 1) : 1; }

#include "activation/elementwise.h"

const mlp_Activation mlp_activation_sparse_plus = {
  ELEMENTWISE("sparse_plus", "0 below -1, x above 1, (x + 1)^2 / 4 between"),
  .cite = "Keras 3.16, activations",
};
