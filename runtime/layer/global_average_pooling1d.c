/*
** global_average_pooling1d.c - the mean of each feature over the steps of
** a row.
*/
#include "layer/pooling.h"

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  (void)n_in, (void)pass;
  return pool_steps(l, "mean", in[0], out);
}

const mlp_LayerKind mlp_layer_global_average_pooling1d = {
  .name = "global_average_pooling1d",
  .doc = "The mean of each feature over the steps: (rows, steps, features) "
         "becomes (rows, features), as of the words of an Embedding.",
  .cite = "Lin, Chen & Yan 2013, arXiv:1312.4400; Keras 3, "
          "layers.GlobalAveragePooling1D",
  .options = {
    { "keepdims", 0, 0, 1, "keep the steps, as one", .type = MLP_BOOLEAN },
  },
  .min_in = 1,
  .max_in = 1,
  .call = call,
};
