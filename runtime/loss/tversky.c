/*
** tversky.c - how little two sets overlap, misses and false alarms weighed.
*/
#include "loss/loss.h"

enum { ALPHA, BETA }; /* order of '.options' below */

static mlp_Status apply (const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                         mlp_Tensor **out) {
  mlpi_Formula f = mlpi_formula(p);
  mlp_Tensor *both = mlpi_of(&f, "sum", mlpi_of2(&f, "mul", y, p));
  mlp_Tensor *missed = mlpi_of(
      &f, "sum", mlpi_of2(&f, "mul", mlpi_number_of(&f, "sub", 1, p), y));
  mlp_Tensor *false_alarm = mlpi_of(
      &f, "sum", mlpi_of2(&f, "mul", p, mlpi_number_of(&f, "sub", 1, y)));
  missed = mlpi_of_number(&f, "mul", missed, o->value[ALPHA].number);
  false_alarm = mlpi_of_number(&f, "mul", false_alarm, o->value[BETA].number);
  mlp_Tensor *all =
      mlpi_of2(&f, "add", mlpi_of2(&f, "add", both, missed), false_alarm);
  mlp_Tensor *share =
      mlpi_of2(&f, "div", both, mlpi_of_number(&f, "add", all, MLPI_EPSILON));
  return mlpi_formula_end(&f, mlpi_number_of(&f, "sub", 1, share), out);
}

const mlp_Loss mlp_loss_tversky = {
  .name = "tversky",
  .doc = "1 - s / (s + alpha sum(y (1 - p)) + beta sum(p (1 - y)) + 1e-7), s = "
         "sum(y p), of a whole batch; at 0.5 and 0.5 it is dice. alpha weighs "
         "what was missed: Keras's code, which calls it false positives.",
  .cite = "Salehi, Erdogmus & Gholipour 2017, arXiv:1706.05721; Keras 3, "
          "losses.Tversky",
  .options = {
    { "alpha", 0.5, 0, 1e6, "weight of what was missed" },
    { "beta", 0.5, 0, 1e6, "weight of false alarms" },
  },
  .target = MLPI_TARGET_SETS,
  .apply = apply,
};
