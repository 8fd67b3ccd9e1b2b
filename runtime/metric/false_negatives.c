/*
** false_negatives.c - a count.
*/
#define COUNTED FN
#include "metric/count.h"

const mlp_Metric mlp_metric_false_negatives = {
  .name = "false_negatives",
  .doc = "How many outputs were called negative and are not, each counted by "
         "the weight of its row.",
  .cite = "Keras 3, metrics.FalseNegatives",
  COUNT_METRIC,
};
