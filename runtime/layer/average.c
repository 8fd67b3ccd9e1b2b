/*
** average.c - the mean of its inputs.
*/
#include "layer/layer.h"

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  mlp_Tensor *sum = NULL;
  (void)l, (void)pass;
  *out = NULL;
  mlp_Status s = mlpi_merge("add", n_in, in, &sum);
  if (s != MLP_OK) return s;
  mlpi_Formula f = mlpi_formula(sum);
  s = mlpi_formula_end(&f, mlpi_of_number(&f, "div", sum, n_in), out);
  mlpi_tensor_release(sum);
  return s;
}

const mlp_LayerKind mlp_layer_average = {
  .name = "average",
  .doc = "The elementwise mean of its inputs.",
  .cite = "Keras 3, layers.Average",
  .min_in = 2,
  .max_in = 16,
  .call = call,
};
