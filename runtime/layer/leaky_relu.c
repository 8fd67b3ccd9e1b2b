/*
** leaky_relu.c - relu with a slope on its left, as a layer.
*/
#include "layer/layer.h"

enum { NEGATIVE_SLOPE }; /* order of '.options' below */

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  mlpi_Formula f = mlpi_formula(in[0]);
  (void)n_in, (void)pass;
  mlp_Tensor *left = mlpi_of(&f, "relu", mlpi_of(&f, "neg", in[0]));
  mlp_Tensor *slope =
      mlpi_of_number(&f, "mul", left, l->o->value[NEGATIVE_SLOPE].number);
  return mlpi_formula_end(
      &f, mlpi_of2(&f, "sub", mlpi_of(&f, "relu", in[0]), slope), out);
}

const mlp_LayerKind mlp_layer_leaky_relu = {
  .name = "leaky_relu",
  .doc = "x where x > 0, else negative_slope x.",
  .cite = "Maas, Hannun & Ng 2013, ICML; Keras 3, layers.LeakyReLU",
  .options = {
    { "negative_slope", 0.3, 0, 1e30, "slope where x < 0" },
  },
  .min_in = 1,
  .max_in = 1,
  .call = call,
};
