/*
** det.c - the determinant. Its gradient at a singular matrix is NaN.
*/
#include "op/linear.h"

static REAL value (size_t n, const REAL *lu, REAL sign) {
  for (size_t k = 0; k < n; k++) sign *= lu[k * (n + 1)];
  return sign;
}

static REAL singular (void) { return 0; }
static REAL slope (REAL y) { return y; }

#include "op/determinant.h"

const mlpi_Op mlp_op_det = {
  DETERMINANT("det", "The determinant of a square matrix."),
};
