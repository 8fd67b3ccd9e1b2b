/*
** pow_scalar.c - x to a constant power, attrs.number[0].
*/
#include "tensor/kernel/kernel.h"
#include "tensor/kernel/vmath.h"

static REAL f (REAL x, const REAL *p) { return v_pow(x, p[0]); }
static REAL df (REAL x, const REAL *p) {
  return p[0] == 0 ? 0 : p[0] * v_pow(x, p[0] - 1);
}

#define PARAMS
#include "op/unary.h"

static void sample (mlpi_OpSample *s, mlp_Dtype dtype) {
  mlpi_sample_input(s, 0, dtype, 2);
  s->attrs.number[0] = (double)mlpi_sample_size(s, 0, 6) / 2 - 1;
}

const mlpi_Op mlp_op_pow_scalar = {
  UNARY("pow_scalar", "x to the power of a number, elementwise."),
  .check_min = 0.25,
  .check_max = 3,
  .sample = sample,
};
