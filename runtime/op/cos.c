/*
** cos.c - the cosine.
*/
#include "tensor/kernel/kernel.h"
#include "tensor/kernel/vmath.h"

static REAL f (REAL x) { return v_cos(x); }
static REAL df (REAL x) { return -v_sin(x); }

#include "op/unary.h"

const mlpi_Op mlp_op_cos = {
  UNARY("cos", "The cosine of x radians, elementwise."),
};
