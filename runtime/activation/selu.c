/*
** selu.c - the self-normalising exponential linear unit.
*/
#include "activation/activation.h"

#define SCALE R(1.0507009873554805)
#define ALPHA R(1.6732632423543772)

static REAL f (REAL x) {
  return x > 0 ? SCALE * x : SCALE * ALPHA * v_expm1(x);
}
static REAL df (REAL y) { return y > 0 ? SCALE : y + SCALE * ALPHA; }

#define DF_OF_OUT
#include "activation/elementwise.h"

const mlp_Activation mlp_activation_selu = {
  ELEMENTWISE("selu", "scale * x above 0, scale * alpha * (exp(x) - 1) below"),
  .cite = "Klambauer et al. 2017, arXiv:1706.02515",
};
