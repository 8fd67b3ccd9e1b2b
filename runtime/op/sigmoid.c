/*
** sigmoid.c - the logistic function; its slope is at most 1/4, at 0.
*/
#include "tensor/kernel/kernel.h"
#include "tensor/kernel/vmath.h"

static REAL f (REAL x) { return v_sigmoid(x); }
static REAL df (REAL y) { return y * (1 - y); }

#define DF_OF_OUT
#define FLAGS MLPI_OP_LINK /* losses look through it */
#include "op/unary.h"

const mlpi_Op mlp_op_sigmoid = {
  UNARY("sigmoid", "1 / (1 + exp(-x)), elementwise."),
};
