/*
** sparsemax.c - the point of the simplex nearest to each row: a distribution
** with exact zeros. Martins & Astudillo 2016, arXiv:1602.02068; the threshold
** by Michelot's iteration (1986), which needs no sorting.
*/
#include "op/softmax.h"

/* The t for which the positive parts of x - t add up to 1. Each round leaves
** out what lies below the last one's t; at most n rounds. */
static REAL threshold (size_t n, const REAL *x, REAL m) {
  size_t kept = n + 1, before;
  REAL t = -HUGE_VAL;
  do {
    REAL sum = 0;
    before = kept;
    kept = 0;
    for (size_t i = 0; i < n; i++)
      if (x[i] - m > t) {
        sum += x[i] - m;
        kept++;
      }
    t = (sum - 1) / (REAL)kept;
  } while (kept < before);
  return t;
}

static void forward_row (size_t n, const REAL *x, REAL *y) {
  REAL m = row_max(n, x), t = threshold(n, x, m);
  for (size_t i = 0; i < n; i++) y[i] = x[i] - m <= t ? 0 : x[i] - m - t;
}

/* g minus its mean over the support, on the support. */
static void backward_row (size_t n, const REAL *y, const REAL *g, REAL *gx) {
  REAL sum = 0, count = 0;
  for (size_t i = 0; i < n; i++) {
    sum += y[i] > 0 ? g[i] : 0;
    count += (REAL)(y[i] > 0);
  }
  for (size_t i = 0; i < n; i++) gx[i] = y[i] > 0 ? g[i] - sum / count : 0;
}

#include "activation/rowwise.h"

const mlp_Activation mlp_activation_sparsemax = {
  ROWWISE("sparsemax", "the nearest point of the simplex, along the last axis"),
  .cite = "Martins & Astudillo 2016, arXiv:1602.02068",
};
