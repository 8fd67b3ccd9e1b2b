/*
** subtract.c - the difference of two inputs.
*/
#include "layer/layer.h"

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  (void)l, (void)pass;
  return mlpi_merge("sub", n_in, in, out);
}

const mlp_LayerKind mlp_layer_subtract = {
  .name = "subtract",
  .doc = "The first input minus the second.",
  .cite = "Keras 3, layers.Subtract",
  .min_in = 2,
  .max_in = 2,
  .call = call,
};
