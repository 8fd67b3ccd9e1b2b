/*
** hinge.c - linear in the margin that is missing.
*/
#include "loss/loss.h"

static mlp_Status apply (const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                         mlp_Tensor **out) {
  mlpi_Formula f = mlpi_formula(p);
  (void)o;
  mlp_Tensor *each = mlpi_missing_margin(&f, y, p);
  return mlpi_formula_end(&f, mlpi_over(&f, "mean", each, -1, false), out);
}

const mlp_Loss mlp_loss_hinge = {
  .name = "hinge",
  .doc = "mean(max(1 - y p, 0)), y in {-1, 1}; targets 0 (and of two "
         "classes the first) are -1.",
  .cite = "Rosasco et al. 2004, Neural Computation 16; Keras 3, "
          "losses.Hinge",
  .options = { MLPI_REDUCTION },
  .target = MLPI_TARGET_BINARY,
  .apply = apply,
};
