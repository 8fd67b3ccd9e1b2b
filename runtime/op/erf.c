/*
** erf.c - the error function.
*/
#include "tensor/kernel/kernel.h"
#include "tensor/kernel/vmath.h"

static REAL f (REAL x) { return v_erf(x); }
static REAL df (REAL x) { return R(1.1283791670955126) * v_exp(-x * x); }

#include "op/unary.h"

const mlpi_Op mlp_op_erf = {
  UNARY("erf", "The error function, elementwise."),
};
