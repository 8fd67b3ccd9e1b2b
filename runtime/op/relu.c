/*
** relu.c - the positive part. Its slope at 0 is 0; NaN stays NaN.
*/
#include "tensor/kernel/kernel.h"

static REAL f (REAL x) { return x <= 0 ? 0 : x; }
static REAL df (REAL y) { return (REAL)(y > 0); }

#define DF_OF_OUT
#include "op/unary.h"

const mlpi_Op mlp_op_relu = {
  UNARY("relu", "max(x, 0), elementwise."),
};
