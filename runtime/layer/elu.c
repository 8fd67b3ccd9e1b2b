/*
** elu.c - exponential linear units, as a layer.
*/
#include "layer/layer.h"

#include <math.h>

enum { ALPHA }; /* order of '.options' below */

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  mlpi_Formula f = mlpi_formula(in[0]);
  (void)n_in, (void)pass;
  mlp_Tensor *left =
      mlpi_of(&f, "expm1", mlpi_clamped(&f, in[0], -HUGE_VAL, 0));
  mlp_Tensor *bend = mlpi_of_number(&f, "mul", left, l->o->value[ALPHA].number);
  return mlpi_formula_end(
      &f, mlpi_of2(&f, "add", mlpi_of(&f, "relu", in[0]), bend), out);
}

const mlp_LayerKind mlp_layer_elu = {
  .name = "elu",
  .doc = "x where x > 0, else alpha (exp(x) - 1).",
  .cite = "Clevert, Unterthiner & Hochreiter 2016, arXiv:1511.07289; "
         "Keras 3, layers.ELU",
  .options = {
    { "alpha", 1, 0, 1e30, "minus the limit on the left" },
  },
  .min_in = 1,
  .max_in = 1,
  .call = call,
};
