/*
** logsumexp.c - log of the sum of e^x over axes, shifted by the largest.
*/
#include "op/softmax.h"

static REAL fold (size_t n, const REAL *x, REAL *tmp) {
  LogSum s = row_log_sum(n, x, tmp);
  return s.max + s.log;
}

static void unfold (size_t n, const REAL *x, REAL y, REAL g, REAL *gx) {
  (void)y;
  row_softmax(n, x, gx);
  for (size_t i = 0; i < n; i++) gx[i] *= g;
}

#define NOT_EMPTY
#include "op/fold.h"

const mlpi_Op mlp_op_logsumexp = {
  FOLD("logsumexp", "log(sum(exp(x))) over dimensions or all elements."),
};
