/*
** activation.c - an activation as a layer of its own.
*/
#include "layer/layer.h"

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  (void)n_in, (void)pass;
  return mlpi_activate(l->o->value[0].object, in[0], out);
}

const mlp_LayerKind mlp_layer_activation = {
  .name = "activation",
  .doc = "Applies an activation.",
  .cite = "Keras 3, layers.Activation",
  .options = { { "activation", .doc = "which", .type = MLP_OBJECT,
                 .family = "activation", .required = true } },
  .min_in = 1,
  .max_in = 1,
  .call = call,
};
