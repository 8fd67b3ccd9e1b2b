/*
** adamw.c - Adam with weight decay that does not pass through the moments.
** Loshchilov & Hutter 2019, arXiv:1711.05101.
*/
#include "optimizer/moments.h"

const mlp_Optimizer mlp_optimizer_adamw = {
  .name = "adamw",
  .doc = "Adam with decoupled weight decay: w -= weight_decay lr w before each "
         "step of adam.",
  .cite = "Loshchilov & Hutter 2019, arXiv:1711.05101",
  .options = { MOMENTS, MLPI_COMMON(0.004) },
  .slots = slots,
  .step = step,
  .abreast = abreast,
  .common = COMMON,
  .decoupled = true,
};
