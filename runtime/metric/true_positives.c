/*
** true_positives.c - a count.
*/
#define COUNTED TP
#include "metric/count.h"

const mlp_Metric mlp_metric_true_positives = {
  .name = "true_positives",
  .doc = "How many outputs were called positive and are, each counted by the "
         "weight of its row.",
  .cite = "Keras 3, metrics.TruePositives",
  .larger_is_better = true,
  COUNT_METRIC,
};
