/*
** sparse_categorical_crossentropy.c - cross-entropy, from the logits wherever
*they can be had.
*/
#include "loss/loss.h"

enum { FROM_LOGITS }; /* order of '.options' below */

static mlp_Status apply (const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                         mlp_Tensor **out) {
  mlp_Tensor *logits =
      o->value[FROM_LOGITS].number != 0 ? p : mlpi_logits_of(p, "softmax");
  return logits != NULL
             ? mlpi_apply2("softmax_cross_entropy", NULL, logits, y, out)
             : mlpi_apply2("probability_cross_entropy", NULL, p, y, out);
}

const mlp_Loss mlp_loss_sparse_categorical_crossentropy = {
  .name = "sparse_categorical_crossentropy",
  .alias = "scce",
  .doc = "-ln p of the target class, 1..K. From the logits where p "
         "comes from a softmax; else p is divided by its sum and "
         "clipped to [1e-7, 1 - 1e-7].",
  .cite = "Good 1952, JRSS B 14; Keras 3, losses.SparseCategoricalCrossentropy",
  .options = {
    { "from_logits", 0, 0, 1, "the model's output is the logits",
      .type = MLP_BOOLEAN },
  },
  .target = MLPI_TARGET_CLASSES,
  .apply = apply,
};
