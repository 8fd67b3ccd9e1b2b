/*
** std.c - the standard deviation over axes; attrs.number[0]: see variance.h.
** Its slope is 0 where all elements are equal.
*/
#include "op/variance.h"

static REAL fold (size_t n, const REAL *x, REAL *tmp, const double *number) {
  return SQRT(variance(n, x, tmp, number));
}

static void unfold (size_t n, const REAL *x, REAL y, REAL g, REAL *gx,
                    const double *number) {
  REAL mean = mlpi_sum(n, x, 1) / (REAL)n;
  REAL scale = y == 0 ? 0 : g / (y * (REAL)((double)n - number[0]));
  for (size_t i = 0; i < n; i++) gx[i] = scale * (x[i] - mean);
}

#define PARAMS
#include "op/fold.h"

const mlpi_Op mlp_op_std = {
  FOLD("std", "The standard deviation over dimensions, or of all elements."),
};
