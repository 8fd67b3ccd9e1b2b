/*
** binary_accuracy.c - the share of outputs on the right side of a threshold.
*/
#include "metric/metric.h"

enum { THRESHOLD }; /* order of '.options' below */

static double each (const mlp_Object *o, double y, double p) {
  return (p > o->value[THRESHOLD].number) == (y > 0.5);
}

#include "metric/mean.h"

const mlp_Metric mlp_metric_binary_accuracy = {
  .name = "binary_accuracy",
  .doc = "The share of single outputs that are above the threshold "
         "where the target is 1 and not above it where it is 0.",
  .cite = "Keras 3, metrics.BinaryAccuracy",
  .larger_is_better = true,
  .options = {
    { "threshold", 0.5, 0, 1, "an output above it is positive" },
  },
  MEAN_METRIC,
};
