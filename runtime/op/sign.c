/*
** sign.c - -1, 0 or 1; NaN stays NaN.
*/
#include "tensor/kernel/kernel.h"

static REAL f (REAL x) { return x != x ? x : (REAL)((x > 0) - (x < 0)); }
static REAL df (REAL y) { return (void)y, R(0.0); }

#define DF_OF_OUT
#include "op/unary.h"

const mlpi_Op mlp_op_sign = {
  UNARY("sign", "The sign: -1, 0 or 1, elementwise."),
  .check_min = 0.25,
  .check_max = 2,
};
