/*
** identity.c - x as it is: a place that keeps its name while what stands there
** is tried out.
*/
#include "layer/layer.h"

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  (void)l, (void)n_in, (void)pass;
  *out = mlpi_tensor_retain(in[0]);
  return MLP_OK;
}

const mlp_LayerKind mlp_layer_identity = {
  .name = "identity",
  .doc = "x.",
  .cite = "Keras 3, layers.Identity",
  .min_in = 1,
  .max_in = 1,
  .call = call,
};
