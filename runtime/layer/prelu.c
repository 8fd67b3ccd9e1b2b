/*
** prelu.c - relu with a slope on its left that is learnt.
*/
#include "layer/layer.h"

static mlp_Status build (mlp_Layer *l, int n_in, mlp_Tensor *const *in) {
  const mlpi_Array *x = &in[0]->a;
  (void)n_in;
  mlp_Status s = mlpi_check_features(l, x);
  if (s != MLP_OK) return s;

  return mlpi_layer_trainable(l, "alpha", x->dtype, x->ndim - 1, x->shape + 1);
}

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  mlpi_Formula f = mlpi_formula(in[0]);
  (void)n_in, (void)pass;
  mlp_Tensor *left = mlpi_of(&f, "relu", mlpi_of(&f, "neg", in[0]));
  mlp_Tensor *slope = mlpi_of2(&f, "mul", left, l->weight[0].tensor);
  return mlpi_formula_end(
      &f, mlpi_of2(&f, "sub", mlpi_of(&f, "relu", in[0]), slope), out);
}

const mlp_LayerKind mlp_layer_prelu = {
  .name = "prelu",
  .doc = "x where x > 0, else alpha x, with one alpha for each element "
         "of a row.",
  .cite = "He et al. 2015, arXiv:1502.01852; Keras 3, layers.PReLU",
  .options = {
    { "alpha_initializer", .doc = "first values of alpha", .type = MLP_OBJECT, .family = "initializer", .text = "zeros" },
    { "alpha_regularizer", .doc = "cost on alpha, or none", .type = MLP_OBJECT, .family = "regularizer" },
    { "alpha_constraint", .doc = "where alpha must stay, or none", .type = MLP_OBJECT, .family = "constraint" },
  },
  .min_in = 1,
  .max_in = 1,
  .build = build,
  .call = call,
};
