/*
** binary_crossentropy.c - cross-entropy, from the logits wherever they can be
*had.
*/
#include "loss/loss.h"

enum { FROM_LOGITS }; /* order of '.options' below */

static mlp_Status apply (const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                         mlp_Tensor **out) {
  mlp_Tensor *logits =
      o->value[FROM_LOGITS].number != 0 ? p : mlpi_logits_of(p, "sigmoid");
  mlp_Tensor *each = NULL;
  *out = NULL;
  mlp_Status s =
      logits != NULL
          ? mlpi_apply2("sigmoid_cross_entropy", NULL, logits, y, &each)
          : mlpi_apply2("probability_binary_cross_entropy", NULL, p, y, &each);
  if (s == MLP_OK) s = mlpi_mean_last(each, out);
  mlpi_tensor_release(each);
  return s;
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
  },
  .target = MLPI_TARGET_BINARY,
  .apply = apply,
};
