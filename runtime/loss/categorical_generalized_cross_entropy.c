/*
** categorical_generalized_cross_entropy.c - a cross-entropy that noisy labels
** mislead less.
*/
#include "loss/loss.h"

enum { Q }; /* order of '.options' below */

static mlp_Status apply (const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                         mlp_Tensor **out) {
  mlpi_Formula f = mlpi_formula(p);
  const double q = o->value[Q].number;
  mlp_Tensor *right =
      mlpi_over(&f, "sum", mlpi_of2(&f, "mul", y, p), -1, false);
  mlp_Tensor *wrong = mlpi_number_of(&f, "sub", 1, mlpi_power_of(&f, right, q));
  return mlpi_formula_end(&f, mlpi_of_number(&f, "div", wrong, q), out);
}

const mlp_Loss mlp_loss_categorical_generalized_cross_entropy = {
  .name = "categorical_generalized_cross_entropy",
  .doc = "(1 - p^q) / q, p the probability of the target class: towards q = 0 "
         "the cross-entropy, at q = 1 the mean absolute error.",
  .cite = "Zhang & Sabuncu 2018, arXiv:1805.07836; Keras 3, "
          "losses.CategoricalGeneralizedCrossEntropy",
  .options = {
    { "q", 0.5, 1e-6, 1, "how much less doubtful labels count" },
    MLPI_REDUCTION,
  },
  .target = MLPI_TARGET_ONE_HOT,
  .apply = apply,
};
