/*
** precision_at_recall.c - the best precision at enough recall.
*/
#define BEST  counts_precision
#define BOUND counts_recall
#include "metric/best_at.h"

const mlp_Metric mlp_metric_precision_at_recall = {
  .name = "precision_at_recall",
  .doc = "The largest precision over the thresholds where recall is "
         "at least so much; 0 where it is at none.",
  .cite = "Keras 3, metrics.PrecisionAtRecall",
  BEST_AT_METRIC("recall"),
};
