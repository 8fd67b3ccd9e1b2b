/*
** gaussian_dropout.c - multiplies by noise in training.
*/
#include "layer/layer.h"

#include <math.h>

enum { RATE }; /* order of '.options' below */

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  const double rate = l->o->value[RATE].number;
  (void)n_in;
  if (!pass->training || rate == 0) {
    *out = mlpi_tensor_retain(in[0]);
    return MLP_OK;
  }

  mlpi_Formula f = mlpi_formula(in[0]);
  mlpi_Attrs a = mlpi_layer_draw(l, pass, 1, sqrt(rate / (1 - rate)));
  mlp_Tensor *noise = mlpi_of_all(&f, "normal_like", &a, 1, in);
  return mlpi_formula_end(&f, mlpi_of2(&f, "mul", in[0], noise), out);
}

const mlp_LayerKind mlp_layer_gaussian_dropout = {
  .name = "gaussian_dropout",
  .doc = "In training, x times a normal number of mean 1 and standard "
         "deviation sqrt(rate / (1 - rate)): the variance that dropout "
         "has. Otherwise the identity.",
  .cite = "Srivastava et al. 2014, JMLR 15, section 10; Keras 3, "
         "layers.GaussianDropout",
  .options = {
    { "rate", 0.5, 0, 0.999999, "as the share that dropout drops", .required = true },
  },
  .min_in = 1,
  .max_in = 1,
  .call = call,
};
