/*
** mean_squared_error.c - the mean of squared errors.
*/
#include "loss/loss.h"

static mlp_Status apply (const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                         mlp_Tensor **out) {
  mlpi_Formula f = mlpi_formula(p);
  (void)o;
  mlp_Tensor *each = mlpi_of2(&f, "squared_error", p, y);
  return mlpi_formula_end(&f, mlpi_over(&f, "mean", each, -1, false), out);
}

const mlp_Loss mlp_loss_mean_squared_error = {
  .name = "mean_squared_error",
  .alias = "mse",
  .doc = "The mean of (y - p)^2.",
  .cite = "Legendre 1805; Keras 3, losses.MeanSquaredError",
  .options = { MLPI_REDUCTION },
  .target = MLPI_TARGET_VALUES,
  .apply = apply,
};
