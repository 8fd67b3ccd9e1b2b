/*
** sparse_categorical_crossentropy.c - cross-entropy, from the logits wherever
** they can be had.
*/
#include "loss/loss.h"

enum { FROM_LOGITS, IGNORE_CLASS }; /* order of '.options' below */

/* 1 where a label is ignored (uint8, of y's shape), or NULL: none is. */
static mlp_Status ignored (const mlp_Object *o, mlp_Tensor *y,
                           mlp_Tensor **out) {
  const mlpi_Value *list = &o->value[IGNORE_CLASS];
  mlpi_Formula f = { .rt = y->rt, .dtype = MLP_INT64 };
  mlp_Tensor *any = NULL;
  for (size_t k = 0; k < list->list.n; k++) {
    mlp_Tensor *one = mlpi_of_number(&f, "eq", y, list->list.at[k]);
    any = any == NULL ? one : mlpi_of2(&f, "logical_or", any, one);
  }
  return mlpi_formula_end(&f, any, out);
}

/* Class 1 in place of labels that are ignored. */
static mlp_Status replaced (const mlp_Object *o, mlp_Tensor *y,
                            mlp_Tensor **out) {
  mlp_Tensor *which = NULL, *one = NULL;
  *out = NULL;
  mlp_Status s = ignored(o, y, &which);
  if (which == NULL) {
    if (s == MLP_OK) *out = mlpi_tensor_retain(y);
    return s;
  }
  s = mlpi_scalar(o->rt, MLP_INT64, 1, &one);
  mlp_Tensor *in[] = { which, one, y };
  if (s == MLP_OK) s = mlpi_apply(o->rt, "where", NULL, 3, in, out);
  mlpi_tensor_release(which);
  mlpi_tensor_release(one);
  return s;
}

static mlp_Status mask (const mlp_Object *o, mlp_Tensor *y, const mlp_Tensor *p,
                        mlp_Tensor *each, mlp_Tensor **out) {
  mlp_Tensor *which = NULL, *counts = NULL;
  (void)each;
  mlpi_Attrs real = { .dtype = p->a.dtype };
  *out = NULL;
  mlp_Status s = ignored(o, y, &which);
  if (which == NULL) return s;
  s = mlpi_apply1("logical_not", NULL, which, &counts);
  if (s == MLP_OK) s = mlpi_apply1("cast", &real, counts, out);
  mlpi_tensor_release(which);
  mlpi_tensor_release(counts);
  return s;
}

static mlp_Status apply (const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                         mlp_Tensor **out) {
  mlp_Tensor *label = NULL;
  mlp_Tensor *logits =
      o->value[FROM_LOGITS].number != 0 ? p : mlpi_logits_of(p, "softmax");
  *out = NULL;
  mlp_Status s = replaced(o, y, &label);
  if (s == MLP_OK)
    s = logits != NULL
            ? mlpi_apply2("softmax_cross_entropy", NULL, logits, label, out)
            : mlpi_apply2("probability_cross_entropy", NULL, p, label, out);
  mlpi_tensor_release(label);
  return s;
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
    { "ignore_class", .min = -1e9, .max = 1e9,
      .doc = "labels, one or a list, whose rows do not count", .type = MLP_LIST },
    MLPI_REDUCTION,
  },
  .target = MLPI_TARGET_CLASSES,
  .apply = apply,
  .mask = mask,
};
