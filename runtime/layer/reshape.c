/*
** reshape.c - each row in another shape.
*/
#include "layer/layer.h"

enum { TARGET_SHAPE }; /* order of '.options' below */

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  const mlpi_Value *v = &l->o->value[TARGET_SHAPE];
  mlpi_Attrs a = { .n_axis = v->shape.n + 1 };
  (void)n_in, (void)pass;
  a.axis[0] = in[0]->a.ndim == 0 ? 1 : (int64_t)in[0]->a.shape[0];
  for (int i = 0; i < v->shape.n; i++) a.axis[i + 1] = v->shape.dim[i];
  return mlpi_apply1("reshape", &a, in[0], out);
}

const mlp_LayerKind mlp_layer_reshape = {
  .name = "reshape",
  .doc = "Each row in another shape of as many elements; one size may be "
         "-1.",
  .cite = "Keras 3, layers.Reshape",
  .options = {
    { "target_shape", .doc = "of a row", .type = MLP_SHAPE, .required = true },
  },
  .min_in = 1,
  .max_in = 1,
  .call = call,
};
