/*
** categorical_hinge.c - the margin between the right class and the best other.
*/
#include "loss/loss.h"

static mlp_Status apply (const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                         mlp_Tensor **out) {
  mlpi_Formula f = mlpi_formula(p);
  (void)o;
  mlp_Tensor *right =
      mlpi_over(&f, "sum", mlpi_of2(&f, "mul", y, p), -1, false);
  mlp_Tensor *wrong = mlpi_of2(&f, "mul", mlpi_number_of(&f, "sub", 1, y), p);
  mlp_Tensor *best = mlpi_over(&f, "max", wrong, -1, false);
  mlp_Tensor *lead = mlpi_of2(&f, "sub", best, right);
  return mlpi_formula_end(
      &f, mlpi_of(&f, "relu", mlpi_of_number(&f, "add", lead, 1)), out);
}

const mlp_Loss mlp_loss_categorical_hinge = {
  .name = "categorical_hinge",
  .doc = "max(max((1 - y) p) - sum(y p) + 1, 0) over the classes of a "
         "row, y one-hot.",
  .cite = "Weston & Watkins 1999; Keras 3, losses.CategoricalHinge",
  .options = { MLPI_REDUCTION },
  .target = MLPI_TARGET_ONE_HOT,
  .apply = apply,
};
