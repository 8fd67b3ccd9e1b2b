/*
** lecun_tanh.c - tanh scaled so that +-1 goes to +-1.
*/
#include "activation/activation.h"

static REAL f (REAL x) {
  return R(1.7159) * v_tanh(x * R(0.66666666666666667));
}
static REAL df (REAL y) {
  return R(0.66666666666666667) * (R(1.7159) - y * y / R(1.7159));
}

#define DF_OF_OUT
#include "activation/elementwise.h"

const mlp_Activation mlp_activation_lecun_tanh = {
  ELEMENTWISE("lecun_tanh", "1.7159 * tanh(2 x / 3)"),
  .cite = "LeCun, Bottou, Orr & Mueller 1998, Efficient BackProp",
};
