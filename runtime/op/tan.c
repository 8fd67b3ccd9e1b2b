/*
** tan.c - the tangent.
*/
#include "tensor/kernel/kernel.h"
#include "tensor/kernel/vmath.h"

static REAL f (REAL x) { return v_tan(x); }
static REAL df (REAL x) { return 1 + v_tan(x) * v_tan(x); }

#include "op/unary.h"

const mlpi_Op mlp_op_tan = {
  UNARY("tan", "The tangent, elementwise."),
  .check_min = -1,
  .check_max = 1,
};
