/*
** root_mean_squared_error.c - the root of the mean of squared errors.
*/
#include "loss/loss.h"

static mlp_Status apply (const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                         mlp_Tensor **out) {
  mlpi_Formula f = mlpi_formula(p);
  (void)o;
  mlp_Tensor *norm = mlpi_of(&f, "norm", mlpi_of2(&f, "sub", p, y));
  double n = (double)mlpi_count(&p->a);
  return mlpi_formula_end(&f, mlpi_of_number(&f, "div", norm, sqrt(n)), out);
}

const mlp_Loss mlp_loss_root_mean_squared_error = {
  .name = "root_mean_squared_error",
  .alias = "rmse",
  .doc = "sqrt(mean((y - p)^2)) of a whole batch; its slope at no error "
         "is 0. The loss of an epoch is the mean over batches: the "
         "metric of this name is exact.",
  .cite = "Gauss 1809; Keras 3, metrics.RootMeanSquaredError",
  .target = MLPI_TARGET_VALUES,
  .apply = apply,
};
