/*
** activity_regularization.c - a cost on what passes through.
*/
#include "layer/layer.h"

enum { L1, L2 }; /* order of '.options' below */

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  (void)n_in, (void)pass;
  mlpi_Formula f = mlpi_formula(in[0]);
  mlp_Tensor *abs = mlpi_of(&f, "sum", mlpi_of(&f, "abs", in[0]));
  mlp_Tensor *square = mlpi_of(&f, "sum", mlpi_of(&f, "square", in[0]));
  mlp_Tensor *first = mlpi_of_number(&f, "mul", abs, l->o->value[L1].number);
  mlp_Tensor *second =
      mlpi_of_number(&f, "mul", square, l->o->value[L2].number);
  mlp_Tensor *sum = mlpi_of2(&f, "add", first, second);
  mlp_Tensor *mean = mlpi_of_number(
      &f, "div", sum, in[0]->a.ndim == 0 ? 1 : (double)in[0]->a.shape[0]);
  return mlpi_formula_end(&f, mlpi_of2(&f, "with_penalty", in[0], mean), out);
}

const mlp_LayerKind mlp_layer_activity_regularization = {
  .name = "activity_regularization",
  .doc = "The identity; l1 sum(|x|) + l2 sum(x^2), divided by the rows "
         "of the batch, is added to the loss.",
  .cite = "Keras 3, layers.ActivityRegularization",
  .options = {
    { "l1", 0, 0, 1e30, "factor of the absolute values" },
    { "l2", 0, 0, 1e30, "factor of the squares" },
  },
  .min_in = 1,
  .max_in = 1,
  .call = call,
};
