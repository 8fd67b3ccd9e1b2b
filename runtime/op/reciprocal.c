/*
** reciprocal.c - one over x.
*/
#include "tensor/kernel/kernel.h"

static REAL f (REAL x) { return 1 / x; }
static REAL df (REAL y) { return -y * y; }

#define DF_OF_OUT
#include "op/unary.h"

const mlpi_Op mlp_op_reciprocal = {
  UNARY("reciprocal", "1 / x, elementwise."),
  .check_min = 0.5,
  .check_max = 2,
};
