/*
** true_negatives.c - a count.
*/
#define COUNTED TN
#include "metric/count.h"

const mlp_Metric mlp_metric_true_negatives = {
  .name = "true_negatives",
  .doc = "How many outputs were called negative and are, each counted by the "
         "weight of its row.",
  .cite = "Keras 3, metrics.TrueNegatives",
  .larger_is_better = true,
  COUNT_METRIC,
};
