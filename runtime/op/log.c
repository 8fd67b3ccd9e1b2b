/*
** log.c - the natural logarithm.
*/
#include "tensor/kernel/kernel.h"
#include "tensor/kernel/vmath.h"

static REAL f (REAL x) { return v_log(x); }
static REAL df (REAL x) { return 1 / x; }

#include "op/unary.h"

const mlpi_Op mlp_op_log = {
  UNARY("log", "The natural logarithm, elementwise."),
  .check_min = 0.25,
  .check_max = 4,
};
