/*
** softmax.c - a distribution over the columns of each row.
** Bridle 1990, "Probabilistic interpretation of feedforward classification
** network outputs"; shifted by the largest entry, so that nothing overflows.
*/
#include "op/softmax.h"

static void forward_row (size_t n, const REAL *x, REAL *y) {
  row_softmax(n, x, y);
}

static void backward_row (size_t n, const REAL *y, const REAL *g, REAL *gx) {
  row_softmax_back(n, y, g, gx);
}

#include "activation/rowwise.h"

const mlp_Activation mlp_activation_softmax = {
  ROWWISE("softmax", "exp(x) / sum(exp(x)) along the last axis"),
  .cite = "Bridle 1990, Neurocomputing NATO ASI F68",
};
