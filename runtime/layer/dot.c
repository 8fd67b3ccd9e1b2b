/*
** dot.c - the inner products of the rows of two inputs.
*/
#include "layer/layer.h"

#include <math.h>

enum { NORMALIZE }; /* order of '.options' below */

/* x / max(norm, 1e-7) */
static mlp_Tensor *unit (mlpi_Formula *f, mlp_Tensor *x) {
  mlp_Tensor *sum = mlpi_over(f, "sum", mlpi_of(f, "square", x), -1, true);
  mlp_Tensor *norm = mlpi_of(f, "sqrt", mlpi_clamped(f, sum, 1e-14, HUGE_VAL));
  return mlpi_of2(f, "div", x, norm);
}

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  mlpi_Formula f = mlpi_formula(in[0]);
  mlp_Tensor *a = in[0], *b = in[1];
  (void)n_in, (void)pass;
  if (l->o->value[NORMALIZE].number != 0) a = unit(&f, a), b = unit(&f, b);
  mlp_Tensor *sum = mlpi_over(&f, "sum", mlpi_of2(&f, "mul", a, b), -1, true);
  return mlpi_formula_end(&f, sum, out);
}

const mlp_LayerKind mlp_layer_dot = {
  .name = "dot",
  .doc = "sum(a b) over the last dimension, kept with size 1; with "
         "normalize the cosine of the angle.",
  .cite = "Keras 3, layers.Dot (axes = -1)",
  .options = {
    { "normalize", 0, 0, 1, "of rows scaled to norm 1", .type = MLP_BOOLEAN },
  },
  .min_in = 2,
  .max_in = 2,
  .call = call,
};
