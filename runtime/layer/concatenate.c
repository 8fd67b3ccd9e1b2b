/*
** concatenate.c - its inputs one after the other.
*/
#include "layer/layer.h"

enum { AXIS }; /* order of '.options' below */

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  double axis = l->o->value[AXIS].number;
  mlpi_Attrs a = { .n_axis = 1,
                   .axis = { (int64_t)(axis > 0 ? axis - 1 : axis) } };
  (void)pass;
  return mlpi_apply(l->rt, "concat", &a, n_in, in, out);
}

const mlp_LayerKind mlp_layer_concatenate = {
  .name = "concatenate",
  .doc = "Its inputs one after the other along a dimension (-1: the "
         "last; 1 would be the rows).",
  .cite = "Keras 3, layers.Concatenate",
  .options = {
    { "axis", -1, -8, 8, "dimension", .type = MLP_INTEGER },
  },
  .min_in = 2,
  .max_in = 16,
  .call = call,
};
