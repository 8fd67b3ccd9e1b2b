/*
** softmax.c - softmax over the last dimension, as a layer.
*/
#include "layer/layer.h"

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  (void)l, (void)n_in, (void)pass;
  return mlpi_apply1("softmax", NULL, in[0], out);
}

const mlp_LayerKind mlp_layer_softmax = {
  .name = "softmax",
  .doc = "exp(x) / sum(exp(x)) over the last dimension.",
  .cite = "Bridle 1990; Keras 3, layers.Softmax",
  .min_in = 1,
  .max_in = 1,
  .call = call,
};
