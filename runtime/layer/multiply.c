/*
** multiply.c - the product of its inputs.
*/
#include "layer/layer.h"

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  (void)l, (void)pass;
  return mlpi_merge("mul", n_in, in, out);
}

const mlp_LayerKind mlp_layer_multiply = {
  .name = "multiply",
  .doc = "The elementwise product of its inputs, in their order.",
  .cite = "Keras 3, layers.Multiply",
  .min_in = 2,
  .max_in = 16,
  .call = call,
};
