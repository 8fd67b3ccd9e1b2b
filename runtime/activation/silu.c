/*
** silu.c - x times its own sigmoid.
*/
#include "activation/activation.h"

static REAL f (REAL x) { return x * v_sigmoid(x); }
static REAL df (REAL x) {
  REAL s = v_sigmoid(x);
  return s * (1 + x * (1 - s));
}

#include "activation/elementwise.h"

const mlp_Activation mlp_activation_silu = {
  ELEMENTWISE("silu", "x / (1 + exp(-x))"),
  .cite = "Ramachandran, Zoph & Le 2017, arXiv:1710.05941",
  .alias = "swish",
};
