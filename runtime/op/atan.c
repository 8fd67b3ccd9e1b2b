/*
** atan.c - the arctangent.
*/
#include "tensor/kernel/kernel.h"
#include "tensor/kernel/vmath.h"

static REAL f (REAL x) { return v_atan(x); }
static REAL df (REAL x) { return 1 / (1 + x * x); }

#include "op/unary.h"

const mlpi_Op mlp_op_atan = {
  UNARY("atan", "The arctangent, elementwise, in [-pi/2, pi/2]."),
};
