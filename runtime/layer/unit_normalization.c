/*
** unit_normalization.c - each row divided by its Euclidean norm.
*/
#include "layer/layer.h"

#include <math.h>

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  mlpi_Formula f = mlpi_formula(in[0]);
  (void)l, (void)n_in, (void)pass;
  mlp_Tensor *sum =
      mlpi_over(&f, "sum", mlpi_of(&f, "square", in[0]), -1, true);
  mlp_Tensor *norm =
      mlpi_of(&f, "sqrt", mlpi_clamped(&f, sum, 1e-24, HUGE_VAL));
  return mlpi_formula_end(&f, mlpi_of2(&f, "div", in[0], norm), out);
}

const mlp_LayerKind mlp_layer_unit_normalization = {
  .name = "unit_normalization",
  .doc = "x / max(norm, 1e-12) over the last dimension: rows of norm 1.",
  .cite = "Keras 3, layers.UnitNormalization",
  .min_in = 1,
  .max_in = 1,
  .call = call,
};
