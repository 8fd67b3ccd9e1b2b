/*
** categorical_crossentropy.c - cross-entropy, from the logits wherever they can
** be had.
*/
#include "loss/loss.h"

enum { FROM_LOGITS, LABEL_SMOOTHING }; /* order of '.options' below */

static mlp_Status apply (const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                         mlp_Tensor **out) {
  mlpi_Formula f = mlpi_formula(p);
  mlp_Tensor *logits =
      o->value[FROM_LOGITS].number != 0 ? p : mlpi_logits_of(p, "softmax");
  y = mlpi_smoothed(&f, y, o->value[LABEL_SMOOTHING].number,
                    (double)p->a.shape[p->a.ndim - 1]);
  mlp_Tensor *each =
      logits != NULL ? mlpi_of2(&f, "softmax_cross_entropy_dense", logits, y)
                     : mlpi_of2(&f, "probability_cross_entropy_dense", p, y);
  return mlpi_formula_end(&f, each, out);
}

const mlp_Loss mlp_loss_categorical_crossentropy = {
  .name = "categorical_crossentropy",
  .alias = "cce",
  .doc = "-sum over classes of y ln p, y one-hot or a distribution; "
         "classes are one-hot encoded. From the logits where p comes "
         "from a softmax; else p is divided by its sum and clipped "
         "to [1e-7, 1 - 1e-7].",
  .cite = "Good 1952, JRSS B 14; Keras 3, losses.CategoricalCrossentropy",
  .options = {
    { "from_logits", 0, 0, 1, "the model's output is the logits",
      .type = MLP_BOOLEAN },
    { "label_smoothing", 0, 0, 1, "share of each target that is spread over all classes" },
    MLPI_REDUCTION,
  },
  .target = MLPI_TARGET_ONE_HOT,
  .apply = apply,
};
