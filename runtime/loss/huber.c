/*
** huber.c - squares of small errors, absolute values of large ones.
*/
#include "loss/loss.h"

enum { DELTA }; /* order of '.options' below */

static mlp_Status apply (const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                         mlp_Tensor **out) {
  mlpi_Formula f = mlpi_formula(p);
  /* c (|d| - c / 2), c = min(|d|, delta): both cases in one */
  const double delta = o->value[DELTA].number;
  mlp_Tensor *d = mlpi_of(&f, "abs", mlpi_of2(&f, "sub", p, y));
  mlp_Tensor *c = mlpi_clamped(&f, d, 0, delta);
  mlp_Tensor *rest = mlpi_of2(&f, "sub", d, mlpi_of_number(&f, "mul", c, 0.5));
  mlp_Tensor *each = mlpi_of2(&f, "mul", c, rest);
  return mlpi_formula_end(&f, mlpi_over(&f, "mean", each, -1, false), out);
}

const mlp_Loss mlp_loss_huber = {
  .name = "huber",
  .doc = "mean of d^2 / 2 where |d| <= delta, else delta |d| - delta^2 / "
         "2; d = p - y.",
  .cite = "Huber 1964, Annals of Mathematical Statistics 35; Keras 3, "
         "losses.Huber",
  .options = {
    { "delta", 1, 1e-30, 1e30, "error from which it grows linearly" },
    MLPI_REDUCTION,
  },
  .target = MLPI_TARGET_VALUES,
  .apply = apply,
};
