/*
** variance.h - the sum of squared deviations from the mean, in two passes;
** attrs.number[0] is the divisor's correction: 1 for a sample's variance.
*/
#ifndef variance_h
#define variance_h

#include "tensor/kernel/kernel.h"

static REAL variance (size_t n, const REAL *x, REAL *tmp,
                      const double *number) {
  REAL mean = mlpi_sum(n, x, 1) / (REAL)n;
  for (size_t i = 0; i < n; i++) tmp[i] = x[i] - mean;
  return mlpi_dot(n, tmp, tmp) / (REAL)((double)n - number[0]);
}

#endif
