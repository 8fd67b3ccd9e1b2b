/*
** accuracy.c - the share of rows whose class is right.
*/
#include "metric/metric.h"

/* The column of the first largest element. */
static size_t argmax (const REAL *x, size_t n) {
  size_t best = 0;
  for (size_t j = 1; j < n; j++)
    if (x[j] > x[best]) best = j;
  return best;
}

static double row (const mlp_Object *o, const mlpi_Array *y, const REAL *x,
                   size_t width, size_t i) {
  (void)o;
  if (width == 1) return (x[0] > R(0.5)) == (mlpi_target(y, 1, i, 0) > 0.5);
  size_t c = argmax(x, width);
  if (y->dtype == MLP_INT64)
    return ((const int64_t *)y->data)[i] == (int64_t)c + 1;
  return argmax((const REAL *)y->data + i * width, width) == c;
}

#define ROWS
#include "metric/mean.h"

const mlp_Metric mlp_metric_accuracy = {
  .name = "accuracy",
  .alias = "acc categorical_accuracy sparse_categorical_accuracy",
  .doc = "The share of rows whose class is right: of one output, class 2 where "
         "it is above 0.5; of several, the first largest.",
  .cite = "Keras 3, metrics.Accuracy and its kin",
  .larger_is_better = true,
  MEAN_METRIC,
};
