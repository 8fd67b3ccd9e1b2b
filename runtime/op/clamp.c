/*
** clamp.c - between the bounds attrs.number[0] and [1]; NaN stays NaN.
*/
#include "tensor/kernel/kernel.h"

static REAL f (REAL x, const REAL *p) {
  REAL y = x < p[0] ? p[0] : x;
  return y > p[1] ? p[1] : y;
}
static REAL df (REAL x, const REAL *p) {
  return (REAL)(x >= p[0] && x <= p[1]);
}

#define PARAMS
#include "op/unary.h"

static void sample (mlpi_OpSample *s, mlp_Dtype dtype) {
  mlpi_sample_input(s, 0, dtype, 2);
  s->attrs.number[0] = -1;
  s->attrs.number[1] = 0.5;
}

const mlpi_Op mlp_op_clamp = {
  UNARY("clamp", "x kept between two numbers, elementwise."),
  .sample = sample,
};
