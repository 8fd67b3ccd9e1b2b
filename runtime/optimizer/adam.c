/*
** adam.c - adaptive moment estimation.
*/
#include "optimizer/moments.h"

const mlp_Optimizer mlp_optimizer_adam = {
  .name = "adam",
  .doc = "Adaptive moment estimation with bias correction: m, v are running "
         "means of g and g^2; w -= lr sqrt(1 - beta_2^t) / (1 - beta_1^t) m / "
         "(sqrt(v) + epsilon).",
  .cite = "Kingma & Ba 2015, arXiv:1412.6980",
  .options = { MOMENTS, MLPI_COMMON(0) },
  .slots = slots,
  .step = step,
  .abreast = abreast,
  .common = COMMON,
};
