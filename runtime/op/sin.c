/*
** sin.c - the sine.
*/
#include "tensor/kernel/kernel.h"
#include "tensor/kernel/vmath.h"

static REAL f (REAL x) { return v_sin(x); }
static REAL df (REAL x) { return v_cos(x); }

#include "op/unary.h"

const mlpi_Op mlp_op_sin = {
  UNARY("sin", "The sine of x radians, elementwise."),
};
