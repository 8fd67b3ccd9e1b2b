/*
** max.c - the largest element over axes. The gradient goes to the first of
** equals. NaN wins.
*/
#define BETTER(a, b) ((a) > (b))
#include "op/extreme.h"

#include <string.h>

static REAL fold (size_t n, const REAL *x, REAL *tmp) {
  (void)tmp;
  return x[extreme(n, x)];
}

static void unfold (size_t n, const REAL *x, REAL y, REAL g, REAL *gx) {
  (void)y;
  if (n > 0) memset(gx, 0, n * sizeof *gx);
  gx[extreme(n, x)] = g;
}

#define NOT_EMPTY
#include "op/fold.h"

const mlpi_Op mlp_op_max = {
  FOLD("max", "The largest element, over dimensions or all."),
};
