/*
** dice.c - how little two sets overlap.
*/
#include "loss/loss.h"

static mlp_Status apply (const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                         mlp_Tensor **out) {
  mlpi_Formula f = mlpi_formula(p);
  (void)o;
  mlp_Tensor *both = mlpi_of(&f, "sum", mlpi_of2(&f, "mul", y, p));
  mlp_Tensor *all =
      mlpi_of2(&f, "add", mlpi_of(&f, "sum", y), mlpi_of(&f, "sum", p));
  mlp_Tensor *share = mlpi_of2(&f, "div", mlpi_of_number(&f, "mul", both, 2),
                               mlpi_of_number(&f, "add", all, MLPI_EPSILON));
  return mlpi_formula_end(&f, mlpi_number_of(&f, "sub", 1, share), out);
}

const mlp_Loss mlp_loss_dice = {
  .name = "dice",
  .doc = "1 - 2 sum(y p) / (sum(y) + sum(p) + 1e-7) of a whole batch. The loss "
         "of an epoch is the mean over batches.",
  .cite = "Milletari, Navab & Ahmadi 2016, arXiv:1606.04797; Keras 3, "
          "losses.Dice",
  .target = MLPI_TARGET_SETS,
  .apply = apply,
};
