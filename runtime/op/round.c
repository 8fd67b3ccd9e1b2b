/*
** round.c - the nearest whole number; of two the even one. Its slope is 0.
*/
#include "tensor/kernel/kernel.h"

#if MLPI_BITS == 32
#define ROUND __builtin_rintf
#else
#define ROUND __builtin_rint
#endif

static REAL f (REAL x) { return ROUND(x); }
static REAL df (REAL y) { return (void)y, R(0.0); }

#define DF_OF_OUT
#include "op/unary.h"

const mlpi_Op mlp_op_round = {
  UNARY("round", "x rounded to the nearest, ties to even, elementwise."),
  .check_min = 0.1,
  .check_max = 0.4,
};
