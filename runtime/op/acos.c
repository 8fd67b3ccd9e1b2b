/*
** acos.c - the arccosine.
*/
#include "tensor/kernel/kernel.h"
#include "tensor/kernel/vmath.h"

static REAL f (REAL x) { return v_acos(x); }
static REAL df (REAL x) { return -1 / SQRT(1 - x * x); }

#include "op/unary.h"

const mlpi_Op mlp_op_acos = {
  UNARY("acos",
        "The arccosine, elementwise, of numbers in [-1, 1]; NaN elsewhere."),
  .check_min = -0.9,
  .check_max = 0.9,
};
