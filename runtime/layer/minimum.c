/*
** minimum.c - the smallest of its inputs.
*/
#include "layer/layer.h"

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  (void)l, (void)pass;
  return mlpi_merge("minimum", n_in, in, out);
}

const mlp_LayerKind mlp_layer_minimum = {
  .name = "minimum",
  .doc = "The elementwise smallest of its inputs.",
  .cite = "Keras 3, layers.Minimum",
  .min_in = 2,
  .max_in = 16,
  .call = call,
};
