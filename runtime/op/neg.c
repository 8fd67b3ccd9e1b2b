/*
** neg.c - -x.
*/
#include "tensor/kernel/kernel.h"

static REAL f (REAL x) { return -x; }
static REAL df (REAL y) { return (void)y, R(-1.0); }

#define DF_OF_OUT /* and not read: x need not be kept */
#include "op/unary.h"

const mlpi_Op mlp_op_neg = {
  UNARY("neg", "-x, elementwise."),
};
