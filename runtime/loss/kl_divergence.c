/*
** kl_divergence.c - how far a distribution is from another.
*/
#include "loss/loss.h"

static mlp_Status apply (const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                         mlp_Tensor **out) {
  mlpi_Formula f = mlpi_formula(p);
  (void)o;
  mlp_Tensor *q = mlpi_clamped(&f, y, MLPI_EPSILON, 1);
  mlp_Tensor *ratio =
      mlpi_of2(&f, "div", q, mlpi_clamped(&f, p, MLPI_EPSILON, 1));
  mlp_Tensor *each = mlpi_of2(&f, "mul", q, mlpi_of(&f, "log", ratio));
  return mlpi_formula_end(&f, mlpi_over(&f, "sum", each, -1, false), out);
}

const mlp_Loss mlp_loss_kl_divergence = {
  .name = "kl_divergence",
  .alias = "kld kullback_leibler_divergence",
  .doc = "sum(y ln(y / p)) of a row; y and p are kept in [1e-7, 1].",
  .cite = "Kullback & Leibler 1951, Annals of Mathematical Statistics 22; "
          "Keras 3, losses.KLDivergence",
  .options = { MLPI_REDUCTION },
  .target = MLPI_TARGET_ONE_HOT,
  .apply = apply,
};
