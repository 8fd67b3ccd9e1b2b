/*
** log_softmax.c - the logarithm of softmax, without computing softmax.
*/
#include "op/softmax.h"

/* The sum of e^(x - m), a block at a time: x stays as it is. */
static REAL sum_exp (size_t n, const REAL *x, REAL m) {
  REAL tmp[MLPI_SUMBLOCK], sum = 0;
  for (size_t i = 0; i < n; i += MLPI_SUMBLOCK)
    sum +=
        row_exp(n - i < MLPI_SUMBLOCK ? n - i : MLPI_SUMBLOCK, x + i, m, tmp);
  return sum;
}

static void forward_row (size_t n, const REAL *x, REAL *y) {
  REAL m = row_max(n, x), s = v_log(sum_exp(n, x, m));
  MLPI_IVDEP
  for (size_t i = 0; i < n; i++) y[i] = x[i] - m - s;
}

static void backward_row (size_t n, const REAL *y, const REAL *g, REAL *gx) {
  row_log_softmax_back(n, y, g, gx);
}

#include "activation/rowwise.h"

const mlp_Activation mlp_activation_log_softmax = {
  ROWWISE("log_softmax", "x - log(sum(exp(x))) along the last axis"),
  .cite = "Keras 3.16, activations",
};
