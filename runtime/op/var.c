/*
** var.c - the variance over axes; attrs.number[0]: see variance.h.
*/
#include "op/variance.h"

static REAL fold (size_t n, const REAL *x, REAL *tmp, const double *number) {
  return variance(n, x, tmp, number);
}

static void unfold (size_t n, const REAL *x, REAL y, REAL g, REAL *gx,
                    const double *number) {
  REAL mean = mlpi_sum(n, x, 1) / (REAL)n;
  REAL scale = 2 * g / (REAL)((double)n - number[0]);
  (void)y;
  for (size_t i = 0; i < n; i++) gx[i] = scale * (x[i] - mean);
}

#define PARAMS
#include "op/fold.h"

const mlpi_Op mlp_op_var = {
  FOLD("var", "The variance over dimensions, or of all elements."),
};
