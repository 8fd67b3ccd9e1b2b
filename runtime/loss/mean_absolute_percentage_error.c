/*
** mean_absolute_percentage_error.c - the mean of relative errors, in percent.
*/
#include "loss/loss.h"

static mlp_Status apply (const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                         mlp_Tensor **out) {
  mlpi_Formula f = mlpi_formula(p);
  (void)o;
  mlp_Tensor *size =
      mlpi_clamped(&f, mlpi_of(&f, "abs", y), MLPI_EPSILON, MLPI_HUGE);
  mlp_Tensor *d = mlpi_of2(&f, "div", mlpi_of2(&f, "sub", y, p), size);
  mlp_Tensor *each = mlpi_of_number(&f, "mul", mlpi_of(&f, "abs", d), 100);
  return mlpi_formula_end(&f, mlpi_over(&f, "mean", each, -1, false), out);
}

const mlp_Loss mlp_loss_mean_absolute_percentage_error = {
  .name = "mean_absolute_percentage_error",
  .alias = "mape",
  .doc = "100 mean(|y - p| / max(|y|, 1e-7)).",
  .cite = "Keras 3, losses.MeanAbsolutePercentageError",
  .options = { MLPI_REDUCTION },
  .target = MLPI_TARGET_VALUES,
  .apply = apply,
};
