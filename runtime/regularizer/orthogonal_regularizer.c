/*
** orthogonal_regularizer.c - keeps the rows, or columns, of a matrix at right
** angles.
*/
#include "regularizer/regularizer.h"

#include <math.h>
#include <string.h>

enum { FACTOR, MODE }; /* order of '.options' below */

static mlp_Tensor *flipped (mlpi_Formula *f, mlp_Tensor *x) {
  mlpi_Attrs axes = { .n_axis = 2, .axis = { 0, 1 } };
  return mlpi_of_all(f, "transpose", &axes, 1, &x);
}

/* Rows scaled to norm 1, as Keras: x / max(norm, 1e-7). */
static mlp_Tensor *unit_rows (mlpi_Formula *f, mlp_Tensor *x) {
  mlp_Tensor *sum = mlpi_over(f, "sum", mlpi_of(f, "square", x), -1, true);
  mlp_Tensor *norm = mlpi_of(f, "sqrt", mlpi_clamped(f, sum, 1e-14, HUGE_VAL));
  return mlpi_of2(f, "div", x, norm);
}

/* factor times the mean of |cos| over all pairs of different rows: that is
** (sum of all |cos| - those of rows with themselves) / (n (n - 1)). */
static mlp_Status penalty (const mlp_Object *o, mlp_Tensor *w,
                           mlp_Tensor **out) {
  mlpi_Formula f = mlpi_formula(w);
  const double factor = o->value[FACTOR].number;
  *out = NULL;
  if (w->a.ndim != 2)
    return mlpi_error(w->rt, MLP_ESHAPE,
                      "orthogonal_regularizer: expected a matrix, got %d "
                      "dimensions",
                      w->a.ndim);
  if (strcmp(o->value[MODE].text, "columns") == 0) w = flipped(&f, w);
  mlp_Tensor *u = unit_rows(&f, w);
  mlp_Tensor *cosines = mlpi_of2(&f, "matmul", u, flipped(&f, u));
  mlp_Tensor *all = mlpi_of(&f, "sum", mlpi_of(&f, "abs", cosines));
  mlp_Tensor *own = mlpi_of(&f, "sum", mlpi_of(&f, "square", u));
  mlp_Tensor *pairs = mlpi_of2(&f, "sub", all, own);
  double n = f.status == MLP_OK ? (double)w->a.shape[0] : 2;
  double scale = n > 1 ? factor / (n * (n - 1)) : 0;
  return mlpi_formula_end(&f, mlpi_of_number(&f, "mul", pairs, scale), out);
}

const mlp_Regularizer mlp_regularizer_orthogonal_regularizer = {
  .name = "orthogonal_regularizer",
  .alias = "orthogonal",
  .doc = "factor times the mean of |cos| of the angles between rows, or "
         "columns: drives them to right angles.",
  .cite = "Keras 3, regularizers.OrthogonalRegularizer",
  .options = {
    { "factor", 0.01, 0, 1e30, "factor" },
    { "mode", .doc = "what is kept at right angles", .type = MLP_TEXT,
      .text = "rows", .choices = "rows columns" },
  },
  .penalty = penalty,
};
