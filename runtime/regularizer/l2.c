/*
** l2.c - weight decay by the L2 norm.
*/
#include "regularizer/regularizer.h"

static mlp_Status penalty (const mlp_Object *o, mlp_Tensor *w,
                           mlp_Tensor **out) {
  return mlpi_scaled_sum(w, "square", o->value[0].number, out);
}

const mlp_Regularizer mlp_regularizer_l2 = {
  .name = "l2",
  .doc = "The sum of squares, times l2 (no half, as in Keras).",
  .cite = "Hoerl & Kennard 1970, Technometrics 12",
  .options = { { "l2", 0.01, 0, 1e30, "factor" } },
  .penalty = penalty,
};
