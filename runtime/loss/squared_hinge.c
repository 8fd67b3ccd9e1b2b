/*
** squared_hinge.c - quadratic in the margin that is missing.
*/
#include "loss/loss.h"

static mlp_Status apply (const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                         mlp_Tensor **out) {
  mlpi_Formula f = mlpi_formula(p);
  (void)o;
  mlp_Tensor *each = mlpi_of(&f, "square", mlpi_missing_margin(&f, y, p));
  return mlpi_formula_end(&f, mlpi_over(&f, "mean", each, -1, false), out);
}

const mlp_Loss mlp_loss_squared_hinge = {
  .name = "squared_hinge",
  .doc = "mean(max(1 - y p, 0)^2), y in {-1, 1}; targets 0 (and of two "
         "classes the first) are -1.",
  .cite = "Keras 3, losses.SquaredHinge",
  .options = { MLPI_REDUCTION },
  .target = MLPI_TARGET_BINARY,
  .apply = apply,
};
