/*
** l1l2.c - weight decay by both norms.
*/
#include "regularizer/regularizer.h"

enum { L1, L2 }; /* order of '.options' below */

static mlp_Status penalty (const mlp_Object *o, mlp_Tensor *w,
                           mlp_Tensor **out) {
  mlpi_Formula f = mlpi_formula(w);
  mlp_Tensor *abs = mlpi_of(&f, "sum", mlpi_of(&f, "abs", w));
  mlp_Tensor *square = mlpi_of(&f, "sum", mlpi_of(&f, "square", w));
  mlp_Tensor *a = mlpi_of_number(&f, "mul", abs, o->value[L1].number);
  mlp_Tensor *b = mlpi_of_number(&f, "mul", square, o->value[L2].number);
  return mlpi_formula_end(&f, mlpi_of2(&f, "add", a, b), out);
}

const mlp_Regularizer mlp_regularizer_l1l2 = {
  .name = "l1l2",
  .alias = "l1_l2",
  .doc = "l1 times the sum of absolute values plus l2 times that of squares.",
  .cite = "Zou & Hastie 2005, JRSS B 67",
  .options = {
    { "l1", 0, 0, 1e30, "factor of the absolute values" },
    { "l2", 0, 0, 1e30, "factor of the squares" },
  },
  .penalty = penalty,
};
