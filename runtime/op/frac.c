/*
** frac.c - the fraction of x, which has its sign.
*/
#include "tensor/kernel/kernel.h"

#if MLPI_BITS == 32
#define ROUND __builtin_truncf
#else
#define ROUND __builtin_trunc
#endif

static REAL f (REAL x) { return x - ROUND(x); }
static REAL df (REAL y) { return (void)y, R(1.0); }

#define DF_OF_OUT
#include "op/unary.h"

const mlpi_Op mlp_op_frac = {
  UNARY("frac", "x without its whole part, elementwise."),
  .check_min = 0.1,
  .check_max = 0.4,
};
