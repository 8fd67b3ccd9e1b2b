/*
** binary_focal_crossentropy.c - cross-entropy that looks at what is still
** wrong.
*/
#include "loss/loss.h"

/* y a + (1 - y) b */
static mlp_Tensor *mix (mlpi_Formula *f, mlp_Tensor *y, mlp_Tensor *a,
                        mlp_Tensor *b) {
  mlp_Tensor *rest = mlpi_of2(f, "mul", mlpi_number_of(f, "sub", 1, y), b);
  return mlpi_of2(f, "add", mlpi_of2(f, "mul", y, a), rest);
}

/* y alpha + (1 - y) (1 - alpha) */
static mlp_Tensor *balance (mlpi_Formula *f, mlp_Tensor *y, double alpha) {
  mlp_Tensor *slope = mlpi_of_number(f, "mul", y, 2 * alpha - 1);
  return mlpi_of_number(f, "add", slope, 1 - alpha);
}

enum {
  ALPHA,
  GAMMA,
  BALANCING,
  FROM_LOGITS,
  LABEL_SMOOTHING
}; /* order of '.options' below */

static mlp_Status apply (const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                         mlp_Tensor **out) {
  mlpi_Formula f = mlpi_formula(p);
  const mlpi_Value *v = o->value;
  if (v[FROM_LOGITS].number != 0) p = mlpi_of(&f, "sigmoid", p);
  y = mlpi_smoothed(&f, y, v[LABEL_SMOOTHING].number, 2);
  mlp_Tensor *bce = mlpi_of2(&f, "probability_binary_cross_entropy", p, y);
  mlp_Tensor *wrong = mlpi_number_of(
      &f, "sub", 1, mix(&f, y, p, mlpi_number_of(&f, "sub", 1, p)));
  mlp_Tensor *each =
      mlpi_of2(&f, "mul", mlpi_power_of(&f, wrong, v[GAMMA].number), bce);
  if (v[BALANCING].number != 0)
    each = mlpi_of2(&f, "mul", each, balance(&f, y, v[ALPHA].number));
  return mlpi_formula_end(&f, mlpi_over(&f, "mean", each, -1, false), out);
}

const mlp_Loss mlp_loss_binary_focal_crossentropy = {
  .name = "binary_focal_crossentropy",
  .doc = "(1 - q)^gamma times the binary cross-entropy, q the "
         "probability given to the target; with apply_class_balancing "
         "times alpha for targets 1 and 1 - alpha for 0.",
  .cite = "Lin et al. 2017, arXiv:1708.02002; Keras 3, "
         "losses.BinaryFocalCrossentropy",
  .options = {
    { "alpha", 0.25, 0, 1, "weight of the targets 1" },
    { "gamma", 2, 0, 100, "how much less what is right counts" },
    { "apply_class_balancing", 0, 0, 1, "weigh by alpha", .type = MLP_BOOLEAN },
    { "from_logits", 0, 0, 1, "the model's output is the logits", .type = MLP_BOOLEAN },
    { "label_smoothing", 0, 0, 1, "share of each target that is spread over all classes" },
    MLPI_REDUCTION,
  },
  .target = MLPI_TARGET_BINARY,
  .apply = apply,
};
