/*
** mean_squared_logarithmic_error.c - squared errors of logarithms.
*/
#include "loss/loss.h"

static mlp_Status apply (const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                         mlp_Tensor **out) {
  mlpi_Formula f = mlpi_formula(p);
  (void)o;
  mlp_Tensor *a =
      mlpi_of(&f, "log1p", mlpi_clamped(&f, p, MLPI_EPSILON, MLPI_HUGE));
  mlp_Tensor *b =
      mlpi_of(&f, "log1p", mlpi_clamped(&f, y, MLPI_EPSILON, MLPI_HUGE));
  mlp_Tensor *each = mlpi_of(&f, "square", mlpi_of2(&f, "sub", a, b));
  return mlpi_formula_end(&f, mlpi_over(&f, "mean", each, -1, false), out);
}

const mlp_Loss mlp_loss_mean_squared_logarithmic_error = {
  .name = "mean_squared_logarithmic_error",
  .alias = "msle",
  .doc = "mean((ln(1 + y) - ln(1 + p))^2); values below 1e-7 count as "
         "that.",
  .cite = "Keras 3, losses.MeanSquaredLogarithmicError",
  .options = { MLPI_REDUCTION },
  .target = MLPI_TARGET_VALUES,
  .apply = apply,
};
