/*
** softplus.c - a smooth relu, without overflow.
*/
#include "tensor/kernel/kernel.h"
#include "tensor/kernel/vmath.h"

static REAL f (REAL x) { return v_softplus(x); }
static REAL df (REAL x) { return v_sigmoid(x); }

#include "op/unary.h"

const mlpi_Op mlp_op_softplus = {
  UNARY("softplus", "log(1 + exp(x)), elementwise."),
};
