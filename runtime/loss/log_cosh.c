/*
** log_cosh.c - the logarithm of the hyperbolic cosine of the error.
*/
#include "loss/loss.h"

static mlp_Status apply (const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                         mlp_Tensor **out) {
  mlpi_Formula f = mlpi_formula(p);
  (void)o;
  mlp_Tensor *d = mlpi_of2(&f, "sub", p, y);
  mlp_Tensor *bend = mlpi_of(&f, "softplus", mlpi_of_number(&f, "mul", d, -2));
  mlp_Tensor *sum = mlpi_of2(&f, "add", d, bend);
  mlp_Tensor *each = mlpi_of_number(&f, "sub", sum, 0.69314718055994530942);
  return mlpi_formula_end(&f, mlpi_over(&f, "mean", each, -1, false), out);
}

const mlp_Loss mlp_loss_log_cosh = {
  .name = "log_cosh",
  .alias = "logcosh",
  .doc = "mean(ln cosh(p - y)), as d + softplus(-2 d) - ln 2.",
  .cite = "Keras 3, losses.LogCosh",
  .options = { MLPI_REDUCTION },
  .target = MLPI_TARGET_VALUES,
  .apply = apply,
};
