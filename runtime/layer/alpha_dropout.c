/*
** alpha_dropout.c - dropout that keeps the mean and variance of selu's outputs.
*/
#include "layer/layer.h"

#include <math.h>

enum { RATE }; /* order of '.options' below */

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  const double rate = l->o->value[RATE].number, low = -1.7580993408473766;
  (void)n_in;
  if (!pass->training || rate == 0) {
    *out = mlpi_tensor_retain(in[0]);
    return MLP_OK;
  }

  const double a = 1 / sqrt((1 - rate) * (1 + rate * low * low));
  mlpi_Formula f = mlpi_formula(in[0]);
  mlpi_Attrs draw = mlpi_layer_draw(l, pass, rate, 0);
  mlp_Tensor *mask = mlpi_of_all(&f, "mask_like", &draw, 1, in);
  /* a (mask (x - low) + low) - a rate low */
  mlp_Tensor *kept =
      mlpi_of2(&f, "mul", mask, mlpi_of_number(&f, "sub", in[0], low));
  mlp_Tensor *scaled = mlpi_of_number(&f, "mul", kept, a);
  return mlpi_formula_end(
      &f, mlpi_of_number(&f, "add", scaled, a * low * (1 - rate)), out);
}

const mlp_LayerKind mlp_layer_alpha_dropout = {
  .name = "alpha_dropout",
  .doc = "In training, a share 'rate' of the inputs becomes -scale alpha "
         "of selu, and an affine function of all keeps mean 0 and "
         "variance 1. Otherwise the identity.",
  .cite = "Klambauer et al. 2017, arXiv:1706.02515; Keras 3, "
         "layers.AlphaDropout",
  .options = {
    { "rate", 0.5, 0, 0.999999, "share that is dropped", .required = true },
  },
  .min_in = 1,
  .max_in = 1,
  .call = call,
};
