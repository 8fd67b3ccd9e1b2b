/*
** poisson.c - counts whose rate is predicted.
*/
#include "loss/loss.h"

static mlp_Status apply (const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                         mlp_Tensor **out) {
  mlpi_Formula f = mlpi_formula(p);
  (void)o;
  mlp_Tensor *log =
      mlpi_of(&f, "log", mlpi_of_number(&f, "add", p, MLPI_EPSILON));
  mlp_Tensor *each = mlpi_of2(&f, "sub", p, mlpi_of2(&f, "mul", y, log));
  return mlpi_formula_end(&f, mlpi_over(&f, "mean", each, -1, false), out);
}

const mlp_Loss mlp_loss_poisson = {
  .name = "poisson",
  .doc = "mean(p - y ln(p + 1e-7)): the negative log-likelihood of "
         "counts y at the rate p, but for what depends on y alone.",
  .cite = "Keras 3, losses.Poisson",
  .options = { MLPI_REDUCTION },
  .target = MLPI_TARGET_VALUES,
  .apply = apply,
};
