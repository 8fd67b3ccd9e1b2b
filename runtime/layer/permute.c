/*
** permute.c - the dimensions of each row in another order.
*/
#include "layer/layer.h"

enum { DIMS }; /* order of '.options' below */

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  const mlpi_Value *v = &l->o->value[DIMS];
  mlpi_Attrs a = { .n_axis = v->shape.n + 1 };
  char got[MLPI_SHAPE_TEXT];
  (void)n_in, (void)pass;
  *out = NULL;
  unsigned seen = 1;
  for (int i = 0; i < v->shape.n; i++) {
    a.axis[i + 1] = v->shape.dim[i];
    if (v->shape.dim[i] > 0 && v->shape.dim[i] <= v->shape.n)
      seen |= 1u << v->shape.dim[i];
  }
  if (in[0]->a.ndim != a.n_axis || seen != (1u << a.n_axis) - 1)
    return mlpi_error(
        l->rt, MLP_ESHAPE,
        "permute: option 'dims': expected each of 1..%d once, for "
        "an input of shape %s",
        in[0]->a.ndim - 1, mlpi_shape_text(in[0]->a.ndim, in[0]->a.shape, got));
  return mlpi_apply1("permute", &a, in[0], out);
}

const mlp_LayerKind mlp_layer_permute = {
  .name = "permute",
  .doc = "The dimensions of each row in another order: dims = { 2, 1 } turns "
         "(rows, a, b) into (rows, b, a).",
  .cite = "Keras 3, layers.Permute",
  .options = {
    { "dims", .doc = "of a row, from 1", .type = MLP_SHAPE, .required = true },
  },
  .min_in = 1,
  .max_in = 1,
  .call = call,
};
