/*
** mean_squared_error.c - the mean of squared errors.
*/
#include "loss/loss.h"

static mlp_Status apply (const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                         mlp_Tensor **out) {
  mlp_Tensor *d = NULL, *each = NULL;
  (void)o;
  *out = NULL;
  mlp_Status s = mlpi_apply2("sub", NULL, p, y, &d);
  if (s == MLP_OK) s = mlpi_apply1("square", NULL, d, &each);
  if (s == MLP_OK) s = mlpi_mean_last(each, out);
  mlpi_tensor_release(d);
  mlpi_tensor_release(each);
  return s;
}

const mlp_Loss mlp_loss_mean_squared_error = {
  .name = "mean_squared_error",
  .alias = "mse",
  .doc = "The mean of (y - p)^2.",
  .cite = "Legendre 1805; Keras 3, losses.MeanSquaredError",
  .target = MLPI_TARGET_VALUES,
  .apply = apply,
};
