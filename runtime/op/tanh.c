/*
** tanh.c - the hyperbolic tangent.
*/
#include "tensor/kernel/kernel.h"
#include "tensor/kernel/vmath.h"

static REAL f (REAL x) { return v_tanh(x); }
static REAL df (REAL y) { return 1 - y * y; }

#define DF_OF_OUT
#include "op/unary.h"

const mlpi_Op mlp_op_tanh = {
  UNARY("tanh", "The hyperbolic tangent, elementwise."),
};
