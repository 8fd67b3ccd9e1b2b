/*
** repeat_vector.c - each row several times.
*/
#include "layer/layer.h"

enum { N }; /* order of '.options' below */

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  const mlpi_Array *x = &in[0]->a;
  char got[MLPI_SHAPE_TEXT];
  (void)n_in, (void)pass;
  *out = NULL;
  if (x->ndim != 2)
    return mlpi_error(l->rt, MLP_ESHAPE,
                      "repeat_vector: expected an input of shape (rows, "
                      "features), got %s",
                      mlpi_shape_text(x->ndim, x->shape, got));
  mlpi_Attrs one = {
    .n_axis = 3, .axis = { (int64_t)x->shape[0], 1, (int64_t)x->shape[1] }
  };
  mlpi_Attrs all = one;
  all.axis[1] = (int64_t)l->o->value[N].number;
  mlpi_Formula f = mlpi_formula(in[0]);
  mlp_Tensor *y = mlpi_of_all(&f, "reshape", &one, 1, in);
  return mlpi_formula_end(&f, mlpi_of_all(&f, "expand", &all, 1, &y), out);
}

const mlp_LayerKind mlp_layer_repeat_vector = {
  .name = "repeat_vector",
  .doc = "Each row n times: (rows, features) becomes (rows, n, features).",
  .cite = "Keras 3, layers.RepeatVector",
  .options = {
    { "n", 1, 1, 1e9, "how often", .type = MLP_INTEGER, .required = true },
  },
  .min_in = 1,
  .max_in = 1,
  .call = call,
};
