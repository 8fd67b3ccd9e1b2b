/*
** sqrt.c - the square root. Its slope at 0 is infinite.
*/
#include "tensor/kernel/kernel.h"

static REAL f (REAL x) { return SQRT(x); }
static REAL df (REAL y) { return R(0.5) / y; }

#define DF_OF_OUT
#include "op/unary.h"

const mlpi_Op mlp_op_sqrt = {
  UNARY("sqrt", "The square root, elementwise."),
  .check_min = 0.25,
  .check_max = 4,
};
