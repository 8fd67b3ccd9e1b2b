/*
** top_k_categorical_accuracy.c - the share of rows whose class is among the k
** likeliest.
*/
#include "metric/metric.h"

#include <math.h>

enum { K }; /* order of '.options' below */

static double row (const mlp_Object *o, const mlpi_Array *y, const REAL *x,
                   size_t width, size_t i) {
  size_t right = 0, above = 0;
  for (size_t j = 1; j < width; j++)
    if (mlpi_target(y, width, i, j) > mlpi_target(y, width, i, right))
      right = j;
  for (size_t j = 0; j < width; j++) above += !(x[j] <= x[right]);
  return !isnan(x[right]) && (double)above < o->value[K].number;
}

#define ROWS
#include "metric/mean.h"

const mlp_Metric mlp_metric_top_k_categorical_accuracy = {
  .name = "top_k_categorical_accuracy",
  .alias = "sparse_top_k_categorical_accuracy",
  .doc = "The share of rows with fewer than k outputs above that of the "
         "right class; none where that is NaN.",
  .cite = "Keras 3, metrics.TopKCategoricalAccuracy",
  .larger_is_better = true,
  .options = {
    { "k", 5, 1, 1e9, "how many", .type = MLP_INTEGER },
  },
  MEAN_METRIC,
};
