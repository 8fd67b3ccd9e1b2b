/*
** add.c - the sum of its inputs: what closes a residual connection.
*/
#include "layer/layer.h"

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  (void)l, (void)pass;
  return mlpi_merge("add", n_in, in, out);
}

const mlp_LayerKind mlp_layer_add = {
  .name = "add",
  .doc = "The elementwise sum of its inputs, in their order.",
  .cite = "He et al. 2016, arXiv:1512.03385",
  .min_in = 2,
  .max_in = 16,
  .call = call,
};
