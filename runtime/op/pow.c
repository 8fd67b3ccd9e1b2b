/*
** pow.c - a to the power b. Where a is 0 the slope along b is 0.
*/
#include "tensor/kernel/kernel.h"
#include "tensor/kernel/vmath.h"

static inline REAL slope_a (REAL a, REAL b) {
  return b == 0 ? 0 : b * v_pow(a, b - 1);
}

static inline REAL slope_b (REAL a, REAL b) {
  return a == 0 && b >= 0 ? 0 : v_pow(a, b) * v_log(a);
}

#define F(a, b)     v_pow(a, b)
#define GA(g, a, b) ((g)*slope_a(a, b))
#define GB(g, a, b) ((g)*slope_b(a, b))
#include "op/binary.h"

const mlpi_Op mlp_op_pow = {
  BINARY("pow", "a to the power b, elementwise."),
  .check_min = 0.25,
  .check_max = 2,
};
