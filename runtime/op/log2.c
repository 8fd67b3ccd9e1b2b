/*
** log2.c - the logarithm to base 2.
*/
#include "tensor/kernel/kernel.h"
#include "tensor/kernel/vmath.h"

static REAL f (REAL x) { return v_log2(x); }
static REAL df (REAL x) { return R(1.44269504088896340736) / x; }

#include "op/unary.h"

const mlpi_Op mlp_op_log2 = {
  UNARY("log2", "The logarithm to base 2, elementwise."),
  .check_min = 0.25,
  .check_max = 4,
};
