/*
** logdet.c - the logarithm of the determinant: NaN where that is negative,
** -inf where it is 0.
*/
#include "op/linear.h"
#include "tensor/kernel/vmath.h"

static REAL value (size_t n, const REAL *lu, REAL sign) {
  REAL sum = 0;
  for (size_t k = 0; k < n; k++) {
    if (lu[k * (n + 1)] < 0) sign = -sign;
    sum += v_log(FABS(lu[k * (n + 1)]));
  }
  return sign < 0 ? (REAL)NAN : sum;
}

static REAL singular (void) { return (REAL)-INFINITY; }
static REAL slope (REAL y) { return y == y ? 1 : y; }

#include "op/determinant.h"

const mlpi_Op mlp_op_logdet = {
  DETERMINANT("logdet", "The logarithm of the determinant of a square matrix."),
};
