/*
** sinh.c - the hyperbolic sine.
*/
#include "op/hyperbolic.h"

static REAL f (REAL x) { return op_sinh(x); }
static REAL df (REAL x) { return op_cosh(x); }

#include "op/unary.h"

const mlpi_Op mlp_op_sinh = {
  UNARY("sinh", "The hyperbolic sine, elementwise."),
};
