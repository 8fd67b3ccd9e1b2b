/*
** categorical_focal_crossentropy.c - cross-entropy that looks at what is still
** wrong.
*/
#include "loss/loss.h"

enum {
  ALPHA,
  GAMMA,
  FROM_LOGITS,
  LABEL_SMOOTHING
}; /* order of '.options' below */

static mlp_Status apply (const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                         mlp_Tensor **out) {
  mlpi_Formula f = mlpi_formula(p);
  const mlpi_Value *v = o->value;
  double k = (double)p->a.shape[p->a.ndim - 1];
  if (v[FROM_LOGITS].number != 0) p = mlpi_of(&f, "softmax", p);
  y = mlpi_smoothed(&f, y, v[LABEL_SMOOTHING].number, k);
  mlp_Tensor *share = mlpi_of2(&f, "div", p, mlpi_over(&f, "sum", p, -1, true));
  mlp_Tensor *q = mlpi_clamped(&f, share, MLPI_EPSILON, 1 - MLPI_EPSILON);
  mlp_Tensor *ce = mlpi_of2(&f, "mul", y, mlpi_of(&f, "log", q));
  mlp_Tensor *wrong =
      mlpi_power_of(&f, mlpi_number_of(&f, "sub", 1, q), v[GAMMA].number);
  mlp_Tensor *each = mlpi_of2(&f, "mul", wrong, ce);
  mlp_Tensor *sum = mlpi_over(&f, "sum", each, -1, false);
  return mlpi_formula_end(&f, mlpi_of_number(&f, "mul", sum, -v[ALPHA].number),
                          out);
}

const mlp_Loss mlp_loss_categorical_focal_crossentropy = {
  .name = "categorical_focal_crossentropy",
  .doc = "-sum over classes of alpha (1 - p)^gamma y ln p; p is divided "
         "by its sum and clipped to [1e-7, 1 - 1e-7].",
  .cite = "Lin et al. 2017, arXiv:1708.02002; Keras 3, "
         "losses.CategoricalFocalCrossentropy",
  .options = {
    { "alpha", 0.25, 0, 1, "factor" },
    { "gamma", 2, 0, 100, "how much less what is right counts" },
    { "from_logits", 0, 0, 1, "the model's output is the logits", .type = MLP_BOOLEAN },
    { "label_smoothing", 0, 0, 1, "share of each target that is spread over all classes" },
    MLPI_REDUCTION,
  },
  .target = MLPI_TARGET_ONE_HOT,
  .apply = apply,
};
