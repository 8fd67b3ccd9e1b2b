/*
** glu.c - one half of the features, let through by the other.
*/
#include "layer/layer.h"

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  const mlpi_Array *x = &in[0]->a;
  char got[MLPI_SHAPE_TEXT];
  (void)n_in, (void)pass;
  *out = NULL;
  if (x->ndim < 2 || x->shape[x->ndim - 1] % 2 != 0)
    return mlpi_error(l->rt, MLP_ESHAPE,
                      "glu: expected an even number of features, got an input "
                      "of shape %s",
                      mlpi_shape_text(x->ndim, x->shape, got));
  const int last = x->ndim - 1;
  const int64_t half = (int64_t)x->shape[last] / 2;
  mlpi_Attrs part = { .n_axis = 3 * (last + 1) };
  for (int d = 0; d <= last; d++) {
    part.axis[3 * d + 1] = (int64_t)x->shape[d];
    part.axis[3 * d + 2] = 1;
  }
  part.axis[3 * last + 1] = half;
  mlpi_Formula f = mlpi_formula(in[0]);
  mlp_Tensor *a = mlpi_of_all(&f, "slice", &part, 1, in);
  part.axis[3 * last] = half, part.axis[3 * last + 1] = 2 * half;
  mlp_Tensor *gate = mlpi_of_all(&f, "slice", &part, 1, in);
  gate = mlpi_of(&f, "sigmoid", gate);
  return mlpi_formula_end(&f, mlpi_of2(&f, "mul", a, gate), out);
}

const mlp_LayerKind mlp_layer_glu = {
  .name = "glu",
  .doc = "a sigmoid(b), a the first half of the features (the last dimension), "
         "b the second: (rows, 2 n) becomes (rows, n).",
  .cite = "Dauphin et al. 2017, arXiv:1612.08083; Keras 3, activations.glu",
  .min_in = 1,
  .max_in = 1,
  .call = call,
};
