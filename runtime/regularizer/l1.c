/*
** l1.c - weight decay by the L1 norm.
*/
#include "regularizer/regularizer.h"

static mlp_Status penalty (const mlp_Object *o, mlp_Tensor *w,
                           mlp_Tensor **out) {
  return mlpi_scaled_sum(w, "abs", o->value[0].number, out);
}

const mlp_Regularizer mlp_regularizer_l1 = {
  .name = "l1",
  .doc = "The sum of absolute values, times l1: drives weights to zero.",
  .cite = "Tibshirani 1996, JRSS B 58",
  .options = { { "l1", 0.01, 0, 1e30, "factor" } },
  .penalty = penalty,
};
