/*
** categorical_hinge.c - the mean of the margins that are missing to the best
** wrong class.
*/
#include "metric/metric.h"

static double row (const mlp_Object *o, const mlpi_Array *y, const REAL *x,
                   size_t width, size_t i) {
  double right = 0, wrong = -HUGE_VAL;
  (void)o;
  for (size_t j = 0; j < width; j++) {
    double t = mlpi_target(y, width, i, j), v = (1 - t) * (double)x[j];
    right += t * (double)x[j];
    if (v > wrong) wrong = v;
  }
  return wrong - right + 1 <= 0 ? 0 : wrong - right + 1; /* NaN stays */
}

#define ROWS
#include "metric/mean.h"

const mlp_Metric mlp_metric_categorical_hinge = {
  .name = "categorical_hinge",
  .doc = "max(best wrong - right + 1, 0), the mean over rows.",
  .cite = "Keras 3, metrics.CategoricalHinge",
  MEAN_METRIC,
};
