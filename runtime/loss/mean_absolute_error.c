/*
** mean_absolute_error.c - the mean of absolute errors.
*/
#include "loss/loss.h"

static mlp_Status apply (const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                         mlp_Tensor **out) {
  mlpi_Formula f = mlpi_formula(p);
  (void)o;
  mlp_Tensor *each = mlpi_of(&f, "abs", mlpi_of2(&f, "sub", p, y));
  return mlpi_formula_end(&f, mlpi_over(&f, "mean", each, -1, false), out);
}

const mlp_Loss mlp_loss_mean_absolute_error = {
  .name = "mean_absolute_error",
  .alias = "mae",
  .doc = "The mean of |y - p|.",
  .cite = "Laplace 1774; Keras 3, losses.MeanAbsoluteError",
  .options = { MLPI_REDUCTION },
  .target = MLPI_TARGET_VALUES,
  .apply = apply,
};
