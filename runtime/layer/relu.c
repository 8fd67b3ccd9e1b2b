/*
** relu.c - the activation relu, as a layer with its options.
*/
#include "layer/layer.h"

#include <math.h>

enum { MAX_VALUE, NEGATIVE_SLOPE, THRESHOLD }; /* order of '.options' below */

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  mlp_Object *o;
  (void)n_in, (void)pass;
  *out = NULL;
  mlp_Status s = mlpi_object_new(l->rt, "activation", "relu", &o);
  for (int i = MAX_VALUE; i <= THRESHOLD && s == MLP_OK; i++)
    s = mlpi_object_set(o,
                        mlpi_option_index(o->kind, l->o->kind->options[i].name),
                        l->o->value[i].number);
  if (s == MLP_OK) s = mlpi_activate(o, in[0], out);
  mlpi_object_release(o);
  return s;
}

const mlp_LayerKind mlp_layer_relu = {
  .name = "relu",
  .doc = "x above the threshold, at most max_value; negative_slope (x - "
         "threshold) below it.",
  .cite = "Nair & Hinton 2010, ICML; Keras 3, layers.ReLU",
  .options = {
    { "max_value", HUGE_VAL, 0, HUGE_VAL, "the most that comes out" },
    { "negative_slope", 0, 0, 1e30, "slope below the threshold" },
    { "threshold", 0, 0, 1e30, "where the right side begins" },
  },
  .min_in = 1,
  .max_in = 1,
  .call = call,
};
