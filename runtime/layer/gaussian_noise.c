/*
** gaussian_noise.c - adds noise in training.
*/
#include "layer/layer.h"

enum { STDDEV }; /* order of '.options' below */

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  const double sd = l->o->value[STDDEV].number;
  (void)n_in;
  if (!pass->training || sd == 0) {
    *out = mlpi_tensor_retain(in[0]);
    return MLP_OK;
  }

  mlpi_Formula f = mlpi_formula(in[0]);
  mlpi_Attrs a = mlpi_layer_draw(l, pass, 0, sd);
  mlp_Tensor *noise = mlpi_of_all(&f, "normal_like", &a, 1, in);
  return mlpi_formula_end(&f, mlpi_of2(&f, "add", in[0], noise), out);
}

const mlp_LayerKind mlp_layer_gaussian_noise = {
  .name = "gaussian_noise",
  .doc = "In training, x + a normal number of mean 0 and that standard "
         "deviation, a new draw each step. Otherwise the identity.",
  .cite = "Keras 3, layers.GaussianNoise",
  .options = {
    { "stddev", 0, 0, 1e30, "standard deviation of the noise", .required = true },
  },
  .min_in = 1,
  .max_in = 1,
  .call = call,
};
