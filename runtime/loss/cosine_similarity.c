/*
** cosine_similarity.c - the angle between targets and predictions.
*/
#include "loss/loss.h"

/* x / sqrt(max(sum of squares, 1e-14)) */
static mlp_Tensor *unit (mlpi_Formula *f, mlp_Tensor *x) {
  mlp_Tensor *sum = mlpi_over(f, "sum", mlpi_of(f, "square", x), -1, true);
  mlp_Tensor *length = mlpi_of(
      f, "sqrt", mlpi_clamped(f, sum, MLPI_EPSILON * MLPI_EPSILON, MLPI_HUGE));
  return mlpi_of2(f, "div", x, length);
}

static mlp_Status apply (const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                         mlp_Tensor **out) {
  mlpi_Formula f = mlpi_formula(p);
  (void)o;
  mlp_Tensor *cosines = mlpi_of2(&f, "mul", unit(&f, y), unit(&f, p));
  mlp_Tensor *sum = mlpi_over(&f, "sum", cosines, -1, false);
  return mlpi_formula_end(&f, mlpi_of(&f, "neg", sum), out);
}

const mlp_Loss mlp_loss_cosine_similarity = {
  .name = "cosine_similarity",
  .doc = "-cos of the angle between the rows of y and p: -1 where they "
         "agree in direction, 0 where one of them is 0.",
  .cite = "Keras 3, losses.CosineSimilarity",
  .options = { MLPI_REDUCTION },
  .target = MLPI_TARGET_VALUES,
  .apply = apply,
};
