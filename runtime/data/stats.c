/*
** stats.c - one number for each column of a matrix, over what is not NaN.
*/
#include "data/columns.h"

#include <math.h>
#include <stdlib.h>

static int by_value (const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The numbers of column c, sorted; how many there are. */
static size_t sorted_column (const mlp_Tensor *x, size_t c, size_t f,
                             double *v) {
  size_t n = 0;
  for (size_t i = 0; i < x->a.shape[0]; i++) {
    v[n] = mlpi_get(&x->a, i * f + c);
    if (!isnan(v[n])) n++;
  }
  qsort(v, n, sizeof *v, by_value);
  return n;
}

/* By linear interpolation between neighbours, rounded as NumPy's. */
static double quantile (const double *v, size_t n, double q) {
  double at = q * (double)(n - 1), t = at - floor(at);
  double low = v[(size_t)at], high = v[(size_t)ceil(at)];
  return t < 0.5 ? low + (high - low) * t : high - (high - low) * (1 - t);
}

static double mean (const double *v, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += v[i];
  return sum / (double)n;
}

/* The least of those that occur most often. */
static double mode (const double *v, size_t n) {
  double best = v[0];
  for (size_t i = 0, most = 0, run = 0; i < n; i++) {
    run = i > 0 && v[i] == v[i - 1] ? run + 1 : 1;
    if (run > most) most = run, best = v[i];
  }
  return best;
}

static double statistic (const double *v, size_t n, mlpi_Statistic what,
                         double q) {
  if (what == MLPI_COUNT) return (double)n;
  if (n == 0) return NAN;
  switch (what) {
  case MLPI_MEAN:
    return mean(v, n);
  case MLPI_MODE:
    return mode(v, n);
  case MLPI_MAX_ABS:
    return fmax(fabs(v[0]), fabs(v[n - 1]));
  default:
    return quantile(v, n, q);
  }
}

mlp_Status mlpi_column_statistic (const mlp_Tensor *x, mlpi_Statistic what,
                                  double q, mlp_Tensor **out) {
  size_t n = x->a.ndim > 0 ? x->a.shape[0] : 0, f = 1;
  for (int d = 1; d < x->a.ndim; d++) f *= x->a.shape[d];
  *out = NULL;
  double *v = mlpi_calloc(x->rt, n + 1, sizeof *v);
  if (v == NULL) return MLP_ENOMEM;
  mlp_Status s = mlpi_tensor_new(x->rt, MLP_FLOAT64, 1, &f, out);
  for (size_t c = 0; s == MLP_OK && c < f; c++)
    ((double *)(*out)->a.data)[c] =
        statistic(v, sorted_column(x, c, f, v), what, q);
  mlpi_free(x->rt, v, (n + 1) * sizeof *v);
  return s;
}
