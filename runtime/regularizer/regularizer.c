/*
** regularizer.c - what the files of this folder share.
*/
#include "regularizer/regularizer.h"

mlp_Status mlpi_scaled_sum (mlp_Tensor *w, const char *op, double factor,
                            mlp_Tensor **out) {
  mlpi_Formula f = mlpi_formula(w);
  mlp_Tensor *sum = mlpi_of(&f, "sum", mlpi_of(&f, op, w));
  return mlpi_formula_end(&f, mlpi_of_number(&f, "mul", sum, factor), out);
}
