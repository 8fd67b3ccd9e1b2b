/*
** precision.c - how much of what was called positive is.
*/
#include "metric/counts.h"

static double ratio (const mlp_Object *o, const double *n) {
  (void)o;
  return counts_precision(n);
}

#include "metric/ratio.h"

const mlp_Metric mlp_metric_precision = {
  .name = "precision",
  .doc = "TP / (TP + FP), 0 where nothing was called positive.",
  .cite = "van Rijsbergen 1979; Keras 3, metrics.Precision",
  RATIO_METRIC,
};
