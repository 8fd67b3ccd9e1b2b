/*
** false_positives.c - a count.
*/
#define COUNTED FP
#include "metric/count.h"

const mlp_Metric mlp_metric_false_positives = {
  .name = "false_positives",
  .doc = "How many outputs were called positive and are not, each counted by "
         "the weight of its row.",
  .cite = "Keras 3, metrics.FalsePositives",
  COUNT_METRIC,
};
