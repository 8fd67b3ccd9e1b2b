/*
** expm1.c - e^x - 1, exact for small x.
*/
#include "tensor/kernel/kernel.h"
#include "tensor/kernel/vmath.h"

static REAL f (REAL x) { return v_expm1(x); }
static REAL df (REAL y) { return y + 1; }

#define DF_OF_OUT
#include "op/unary.h"

const mlpi_Op mlp_op_expm1 = {
  UNARY("expm1", "exp(x) - 1, elementwise."),
};
