/*
** log1p.c - log(1 + x), exact for small x.
*/
#include "tensor/kernel/kernel.h"
#include "tensor/kernel/vmath.h"

static REAL f (REAL x) { return v_log1p(x); }
static REAL df (REAL x) { return 1 / (1 + x); }

#include "op/unary.h"

const mlpi_Op mlp_op_log1p = {
  UNARY("log1p", "log(1 + x), elementwise."),
  .check_min = -0.75,
  .check_max = 4,
};
