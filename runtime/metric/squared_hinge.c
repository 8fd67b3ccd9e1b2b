/*
** squared_hinge.c - the mean of the squared margins that are missing.
*/
#include "metric/metric.h"

static double each (const mlp_Object *o, double y, double p) {
  double margin = (y == 0 ? -1 : y) * p;
  (void)o;
  return margin >= 1 ? 0 : (1 - margin) * (1 - margin); /* NaN stays */
}

#include "metric/mean.h"

const mlp_Metric mlp_metric_squared_hinge = {
  .name = "squared_hinge",
  .doc = "max(1 - y p, 0)^2, the mean over rows and outputs; targets 0 (and of "
         "two classes the first) are -1.",
  .cite = "Keras 3, metrics.SquaredHinge",
  MEAN_METRIC,
};
