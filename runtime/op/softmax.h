/*
** softmax.h - softmax of one row, and what is made of it. Everything is
** shifted by the largest entry first, so that no exponential overflows.
*/
#ifndef softmax_h
#define softmax_h

#include "op/op.h"
#include "tensor/kernel/kernel.h"
#include "tensor/kernel/vmath.h"

static inline REAL row_max (size_t n, const REAL *x) {
  REAL m = x[0];
  for (size_t i = 1; i < n; i++) m = x[i] > m ? x[i] : m;
  return m;
}

enum { SHORT_ROW = 8 };

/* y = e^(x - m) for a short row: one vector of exponentials, not several
 * scalars. */
static inline void short_row_exp (size_t n, const REAL *x, REAL m, REAL *y) {
  REAL t[SHORT_ROW] = { 0 };
  for (size_t i = 0; i < n; i++) t[i] = x[i] - m;
  MLPI_IVDEP
  for (size_t i = 0; i < SHORT_ROW; i++) t[i] = v_exp(t[i]);
  for (size_t i = 0; i < n; i++) y[i] = t[i];
}

/* y = e^(x - m); returns the sum of y. y may be x. */
static inline REAL row_exp (size_t n, const REAL *x, REAL m, REAL *y) {
  if (n <= SHORT_ROW) {
    short_row_exp(n, x, m, y);
    return mlpi_sum(n, y, 1);
  }
  MLPI_IVDEP
  for (size_t i = 0; i < n; i++) y[i] = v_exp(x[i] - m);
  return mlpi_sum(n, y, 1);
}

/* y = softmax(x); y may be x. */
static inline void row_softmax (size_t n, const REAL *x, REAL *y) {
  REAL s = row_exp(n, x, row_max(n, x), y);
  for (size_t i = 0; i < n; i++) y[i] /= s;
}

/* max x + log(sum e^(x - max x)) = log(sum e^x), in its two parts. */
typedef struct LogSum {
  REAL max, log;
} LogSum;

static inline LogSum row_log_sum (size_t n, const REAL *x, REAL *tmp) {
  REAL m = row_max(n, x);
  return (LogSum){ m, v_log(row_exp(n, x, m, tmp)) };
}

/* y = log(softmax(x)); y may be x. */
static inline void row_log_softmax (size_t n, const REAL *x, REAL *y,
                                    REAL *tmp) {
  LogSum s = row_log_sum(n, x, tmp);
  MLPI_IVDEP
  for (size_t i = 0; i < n; i++) y[i] = x[i] - s.max - s.log;
}

/* gx = dL/dx from y = softmax(x) and g; gx may be g. */
static inline void row_softmax_back (size_t n, const REAL *y, const REAL *g,
                                     REAL *gx) {
  REAL dot = mlpi_dot(n, y, g);
  MLPI_IVDEP
  for (size_t i = 0; i < n; i++) gx[i] = y[i] * (g[i] - dot);
}

/* gx = dL/dx from y = log softmax(x) and g; gx may be g. */
static inline void row_log_softmax_back (size_t n, const REAL *y, const REAL *g,
                                         REAL *gx) {
  REAL s = mlpi_sum(n, g, 1);
  MLPI_IVDEP
  for (size_t i = 0; i < n; i++) gx[i] = g[i] - v_exp(y[i]) * s;
}

#endif
