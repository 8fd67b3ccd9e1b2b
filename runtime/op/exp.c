/*
** exp.c - e to the x.
*/
#include "tensor/kernel/kernel.h"
#include "tensor/kernel/vmath.h"

static REAL f (REAL x) { return v_exp(x); }
static REAL df (REAL y) { return y; }

#define DF_OF_OUT
#include "op/unary.h"

const mlpi_Op mlp_op_exp = {
  UNARY("exp", "e to the x, elementwise."),
};
