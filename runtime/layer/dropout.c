/*
** dropout.c - random zeros in training, identity otherwise.
*/
#include "layer/layer.h"

enum { RATE }; /* order of '.options' below */

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  const double rate = l->o->value[RATE].number;
  (void)n_in;
  if (!pass->training || rate == 0) {
    *out = mlpi_tensor_retain(in[0]);
    return MLP_OK;
  }
  mlpi_Attrs a = mlpi_layer_draw(l, pass, rate, 0);
  return mlpi_apply1("dropout", &a, in[0], out);
}

const mlp_LayerKind mlp_layer_dropout = {
  .name = "dropout",
  .doc = "In training, zero a share 'rate' of the inputs at random and scale "
         "the rest by 1 / (1 - rate); a new draw each step. Otherwise the "
         "identity. keep = 0.8 is another way to say rate = 0.2.",
  .cite = "Srivastava et al. 2014, JMLR 15",
  .options = { { "rate", 0.5, 0, 1, "share that is dropped",
                 .required = true } },
  .min_in = 1,
  .max_in = 1,
  .call = call,
};
