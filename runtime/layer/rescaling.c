/*
** rescaling.c - a fixed linear function of the inputs.
*/
#include "layer/layer.h"

enum { SCALE, OFFSET }; /* order of '.options' below */

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  mlpi_Formula f = mlpi_formula(in[0]);
  (void)n_in, (void)pass;
  mlp_Tensor *y = mlpi_of_number(&f, "mul", in[0], l->o->value[SCALE].number);
  return mlpi_formula_end(
      &f, mlpi_of_number(&f, "add", y, l->o->value[OFFSET].number), out);
}

const mlp_LayerKind mlp_layer_rescaling = {
  .name = "rescaling",
  .doc = "scale x + offset.",
  .cite = "Keras 3, layers.Rescaling",
  .options = {
    { "scale", 1, -1e30, 1e30, "factor", .required = true },
    { "offset", 0, -1e30, 1e30, "added after it" },
  },
  .min_in = 1,
  .max_in = 1,
  .call = call,
};
