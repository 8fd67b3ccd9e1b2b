/*
** normalization.c - features brought to mean 0 and variance 1 by what was seen
** of the data before training.
*/
#include "layer/layer.h"

enum { INVERT };         /* order of '.options' below */
enum { MEAN, VARIANCE }; /* weights */

static mlp_Status build (mlp_Layer *l, int n_in, mlp_Tensor *const *in) {
  const mlpi_Array *x = &in[0]->a;
  (void)n_in;
  mlp_Status s = mlpi_check_features(l, x);
  if (s != MLP_OK) return s;
  const size_t *n = &x->shape[x->ndim - 1];
  s = mlpi_layer_state(l, "mean", x->dtype, 1, n);
  return s != MLP_OK ? s : mlpi_layer_state(l, "variance", x->dtype, 1, n);
}

/* The root starts from x, so that it is traced where weights have no memory. */
static mlp_Tensor *inverse (mlpi_Formula *f, mlp_Tensor *x, mlp_Tensor *mean,
                            mlp_Tensor *variance) {
  mlp_Tensor *v = mlpi_of2(f, "add", mlpi_of_number(f, "mul", x, 0), variance);
  mlp_Tensor *y = mlpi_of2(f, "mul", x, mlpi_of(f, "sqrt", v));
  return mlpi_of2(f, "add", y, mean);
}

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  mlp_Tensor *all[] = { in[0], l->weight[MEAN].tensor,
                        l->weight[VARIANCE].tensor };
  mlpi_Attrs none = { .number = { 0 } };
  mlpi_Formula f = mlpi_formula(in[0]);
  (void)n_in, (void)pass;
  mlp_Tensor *y = l->o->value[INVERT].number != 0
                      ? inverse(&f, all[0], all[1], all[2])
                      : mlpi_of_all(&f, "standardize", &none, 3, all);
  return mlpi_formula_end(&f, y, out);
}

const mlp_LayerKind mlp_layer_normalization = {
  .name = "normalization",
  .doc = "(x - mean) / sqrt(variance) for each feature (the last dimension), "
         "which layer:adapt(data) finds before training, the variance being at "
         "least 1e-14. It is in the model's file, so that whoever predicts need "
         "not know it.",
  .cite = "Keras 3, layers.Normalization",
  .options = {
    { "invert", 0, 0, 1, "x sqrt(variance) + mean: back to the units of before",
      .type = MLP_BOOLEAN },
    { "mean_initializer", .doc = "the mean before adapt", .type = MLP_OBJECT,
      .family = "initializer", .text = "zeros" },
    { "variance_initializer", .doc = "the variance before adapt",
      .type = MLP_OBJECT, .family = "initializer", .text = "ones" },
  },
  .min_in = 1,
  .max_in = 1,
  .build = build,
  .call = call,
};
