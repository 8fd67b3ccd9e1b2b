/*
** sparse_sigmoid.c - the slope of sparse_plus.
*/
#include "activation/activation.h"

static REAL f (REAL x) {
  REAL y = R(0.5) * (x + 1);
  return y < 0 ? 0 : y > 1 ? 1 : y;
}

static REAL df (REAL y) { return y > 0 && y < 1 ? R(0.5) : 0; }

#define DF_OF_OUT
#include "activation/elementwise.h"

const mlp_Activation mlp_activation_sparse_sigmoid = {
  ELEMENTWISE("sparse_sigmoid", "clip((x + 1) / 2, 0, 1)"),
  .cite = "Keras 3.16, activations",
};
