/*
** flatten.c - each row as one vector.
*/
#include "layer/layer.h"

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  mlpi_Attrs a = { .n_axis = 2 };
  size_t width = 1;
  (void)l, (void)n_in, (void)pass;
  if (in[0]->a.ndim == 2) {
    *out = mlpi_tensor_retain(in[0]);
    return MLP_OK;
  }
  for (int i = 1; i < in[0]->a.ndim; i++) width *= in[0]->a.shape[i];
  a.axis[0] = in[0]->a.ndim == 0 ? 1 : (int64_t)in[0]->a.shape[0];
  a.axis[1] = (int64_t)width;
  return mlpi_apply1("reshape", &a, in[0], out);
}

const mlp_LayerKind mlp_layer_flatten = {
  .name = "flatten",
  .doc = "Each row as one vector: (rows, a, b) to (rows, a b).",
  .cite = "Keras 3, layers.Flatten",
  .min_in = 1,
  .max_in = 1,
  .call = call,
};
