/*
** recall.c - how much of what is positive was found.
*/
#include "metric/counts.h"

static double ratio (const mlp_Object *o, const double *n) {
  (void)o;
  return counts_recall(n);
}

#include "metric/ratio.h"

const mlp_Metric mlp_metric_recall = {
  .name = "recall",
  .alias = "sensitivity",
  .doc = "TP / (TP + FN), 0 where nothing is positive.",
  .cite = "van Rijsbergen 1979; Keras 3, metrics.Recall",
  RATIO_METRIC,
};
