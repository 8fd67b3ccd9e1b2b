/*
** add.c - the sum of its inputs: what closes a residual connection.
*/
#include "layer/layer.h"

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  mlp_Tensor *sum = mlpi_tensor_retain(in[0]);
  (void)l, (void)pass;
  *out = NULL;
  for (int i = 1; i < n_in; i++) {
    mlp_Tensor *next = NULL;
    mlp_Status s = mlpi_apply2("add", NULL, sum, in[i], &next);
    mlpi_tensor_release(sum);
    if (s != MLP_OK) return s;
    sum = next;
  }
  *out = sum;
  return MLP_OK;
}

const mlp_LayerKind mlp_layer_add = {
  .name = "add",
  .doc = "The elementwise sum of its inputs, in their order.",
  .cite = "He et al. 2016, arXiv:1512.03385",
  .min_in = 2,
  .max_in = 16,
  .call = call,
};
