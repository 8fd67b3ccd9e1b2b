/*
** norm.c - the Euclidean norm over axes. Its slope at 0 is 0.
*/
#include "tensor/kernel/kernel.h"

static REAL fold (size_t n, const REAL *x, REAL *tmp) {
  (void)tmp;
  return SQRT(mlpi_dot(n, x, x));
}

static void unfold (size_t n, const REAL *x, REAL y, REAL g, REAL *gx) {
  for (size_t i = 0; i < n; i++) gx[i] = y == 0 ? 0 : g * (x[i] / y);
}

#include "op/fold.h"

const mlpi_Op mlp_op_norm = {
  FOLD("norm", "sqrt(sum(x * x)) over dimensions, or of all elements."),
};
