/*
** trunc.c - x without its fraction. Its slope is 0.
*/
#include "tensor/kernel/kernel.h"

#if MLPI_BITS == 32
#define ROUND __builtin_truncf
#else
#define ROUND __builtin_trunc
#endif

static REAL f (REAL x) { return ROUND(x); }
static REAL df (REAL y) { return (void)y, R(0.0); }

#define DF_OF_OUT
#include "op/unary.h"

const mlpi_Op mlp_op_trunc = {
  UNARY("trunc", "x rounded towards 0, elementwise."),
  .check_min = 0.1,
  .check_max = 0.4,
};
