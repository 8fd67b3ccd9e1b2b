/*
** hard_silu.c - silu in straight lines and a parabola.
*/
#include "activation/activation.h"

static REAL f (REAL x) {
  REAL s = x * R(0.16666666666666667) + R(0.5);
  return x * (s < 0 ? 0 : s > 1 ? 1 : s);
}

static REAL df (REAL x) {
  return x < -3 ? 0 : x > 3 ? 1 : x * R(0.33333333333333333) + R(0.5);
}

#include "activation/elementwise.h"

const mlp_Activation mlp_activation_hard_silu = {
  ELEMENTWISE("hard_silu", "x * clip(x / 6 + 0.5, 0, 1)"),
  .cite = "Howard et al. 2019, arXiv:1905.02244",
  .alias = "hard_swish",
  .check_min = -8,
  .check_max = 8,
};
