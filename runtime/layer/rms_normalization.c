/*
** rms_normalization.c - each row divided by its root mean square.
*/
#include "layer/layer.h"

enum { EPSILON }; /* order of '.options' below */

static mlp_Status build (mlp_Layer *l, int n_in, mlp_Tensor *const *in) {
  const mlpi_Array *x = &in[0]->a;
  (void)n_in;
  mlp_Status s = mlpi_check_features(l, x);
  if (s != MLP_OK) return s;

  return mlpi_layer_trainable(l, "scale", x->dtype, 1, &x->shape[x->ndim - 1]);
}

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  mlpi_Formula f = mlpi_formula(in[0]);
  (void)n_in, (void)pass;
  mlp_Tensor *mean =
      mlpi_over(&f, "mean", mlpi_of(&f, "square", in[0]), -1, true);
  mlp_Tensor *size = mlpi_of(
      &f, "sqrt", mlpi_of_number(&f, "add", mean, l->o->value[EPSILON].number));
  mlp_Tensor *y = mlpi_of2(&f, "div", in[0], size);
  return mlpi_formula_end(&f, mlpi_of2(&f, "mul", y, l->weight[0].tensor), out);
}

const mlp_LayerKind mlp_layer_rms_normalization = {
  .name = "rms_normalization",
  .doc = "scale x / sqrt(mean(x^2) + epsilon), the mean over the last "
         "dimension.",
  .cite = "Zhang & Sennrich 2019, arXiv:1910.07467; Keras 3, "
         "layers.RMSNormalization",
  .options = {
    { "epsilon", 1e-6, 0, 1, "added to the mean square" },
    { "scale_initializer", .doc = "first values of scale", .type = MLP_OBJECT, .family = "initializer", .text = "ones" },
  },
  .min_in = 1,
  .max_in = 1,
  .build = build,
  .call = call,
};
