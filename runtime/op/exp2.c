/*
** exp2.c - 2 to the power x.
*/
#include "tensor/kernel/kernel.h"
#include "tensor/kernel/vmath.h"

static REAL f (REAL x) { return v_pow(2, x); }
static REAL df (REAL y) { return y * R(0.69314718055994530942); }

#define DF_OF_OUT
#include "op/unary.h"

const mlpi_Op mlp_op_exp2 = {
  UNARY("exp2", "2 to the power x, elementwise."),
};
