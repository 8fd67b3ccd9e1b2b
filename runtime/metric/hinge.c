/*
** hinge.c - the mean of the margins that are missing.
*/
#include "metric/metric.h"

static double each (const mlp_Object *o, double y, double p) {
  double margin = (y == 0 ? -1 : y) * p;
  (void)o;
  return margin >= 1 ? 0 : 1 - margin; /* NaN stays */
}

#include "metric/mean.h"

const mlp_Metric mlp_metric_hinge = {
  .name = "hinge",
  .doc = "max(1 - y p, 0), the mean over rows and outputs; targets 0 "
         "(and of two classes the first) are -1.",
  .cite = "Keras 3, metrics.Hinge",
  MEAN_METRIC,
};
