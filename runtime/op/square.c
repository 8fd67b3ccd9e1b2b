/*
** square.c - x times x.
*/
#include "tensor/kernel/kernel.h"

static REAL f (REAL x) { return x * x; }
static REAL df (REAL x) { return 2 * x; }

#include "op/unary.h"

const mlpi_Op mlp_op_square = {
  UNARY("square", "x * x, elementwise."),
};
