/*
** rsqrt.c - one over the square root.
*/
#include "tensor/kernel/kernel.h"

static REAL f (REAL x) { return 1 / SQRT(x); }
static REAL df (REAL y) { return R(-0.5) * y * y * y; }

#define DF_OF_OUT
#include "op/unary.h"

const mlpi_Op mlp_op_rsqrt = {
  UNARY("rsqrt", "1 / sqrt(x), elementwise."),
  .check_min = 0.25,
  .check_max = 4,
};
