/*
** maximum.c - the largest of its inputs.
*/
#include "layer/layer.h"

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  (void)l, (void)pass;
  return mlpi_merge("maximum", n_in, in, out);
}

const mlp_LayerKind mlp_layer_maximum = {
  .name = "maximum",
  .doc = "The elementwise largest of its inputs.",
  .cite = "Keras 3, layers.Maximum",
  .min_in = 2,
  .max_in = 16,
  .call = call,
};
