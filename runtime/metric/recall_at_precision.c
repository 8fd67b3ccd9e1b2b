/*
** recall_at_precision.c - the best recall at enough precision.
*/
#define BEST  counts_recall
#define BOUND counts_precision
#include "metric/best_at.h"

const mlp_Metric mlp_metric_recall_at_precision = {
  .name = "recall_at_precision",
  .doc = "The largest recall over the thresholds where precision is "
         "at least so much; 0 where it is at none.",
  .cite = "Keras 3, metrics.RecallAtPrecision",
  BEST_AT_METRIC("precision"),
};
