/*
** abs.c - the absolute value. Its slope at 0 is 0.
*/
#include "tensor/kernel/kernel.h"

static REAL f (REAL x) { return FABS(x); }
static REAL df (REAL x) { return (REAL)((x > 0) - (x < 0)); }

#include "op/unary.h"

const mlpi_Op mlp_op_abs = {
  UNARY("abs", "The absolute value, elementwise."),
  .check_min = 0.25,
  .check_max = 2,
};
