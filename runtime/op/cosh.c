/*
** cosh.c - the hyperbolic cosine.
*/
#include "op/hyperbolic.h"

static REAL f (REAL x) { return op_cosh(x); }
static REAL df (REAL x) { return op_sinh(x); }

#include "op/unary.h"

const mlpi_Op mlp_op_cosh = {
  UNARY("cosh", "The hyperbolic cosine, elementwise."),
};
