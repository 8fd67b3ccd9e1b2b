/*
** log10.c - the logarithm to base 10.
*/
#include "tensor/kernel/kernel.h"
#include "tensor/kernel/vmath.h"

static REAL f (REAL x) { return v_log10(x); }
static REAL df (REAL x) { return R(0.43429448190325182765) / x; }

#include "op/unary.h"

const mlpi_Op mlp_op_log10 = {
  UNARY("log10", "The logarithm to base 10, elementwise."),
  .check_min = 0.25,
  .check_max = 4,
};
