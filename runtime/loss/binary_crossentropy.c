/*
** binary_crossentropy.c - cross-entropy, from the logits wherever they can be
** had.
*/
#include "loss/loss.h"

enum { FROM_LOGITS, LABEL_SMOOTHING }; /* order of '.options' below */

static mlp_Status apply (const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                         mlp_Tensor **out) {
  mlpi_Formula f = mlpi_formula(p);
  mlp_Tensor *logits =
      o->value[FROM_LOGITS].number != 0 ? p : mlpi_logits_of(p, "sigmoid");
  y = mlpi_smoothed(&f, y, o->value[LABEL_SMOOTHING].number, 2);
  mlp_Tensor *each =
      logits != NULL ? mlpi_of2(&f, "sigmoid_cross_entropy", logits, y)
                     : mlpi_of2(&f, "probability_binary_cross_entropy", p, y);
  return mlpi_formula_end(&f, mlpi_over(&f, "mean", each, -1, false), out);
}

const mlp_Loss mlp_loss_binary_crossentropy = {
  .name = "binary_crossentropy",
  .alias = "bce",
  .doc = "-(y ln p + (1 - y) ln(1 - p)), y in [0, 1]: of two classes "
         "the second is 1. From the logits where p comes from a "
         "sigmoid; else p is clipped to [1e-7, 1 - 1e-7].",
  .cite = "Good 1952, JRSS B 14; Keras 3, losses.BinaryCrossentropy",
  .options = {
    { "from_logits", 0, 0, 1, "the model's output is the logits",
      .type = MLP_BOOLEAN },
    { "label_smoothing", 0, 0, 1, "share of each target that is spread over all classes" },
    MLPI_REDUCTION,
  },
  .target = MLPI_TARGET_BINARY,
  .apply = apply,
};
