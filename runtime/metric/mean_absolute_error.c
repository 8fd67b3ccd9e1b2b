/*
** mean_absolute_error.c - the mean absolute error of all outputs.
*/
#include "metric/metric.h"

static double each (const mlp_Object *o, double y, double p) {
  (void)o;
  return fabs(p - y);
}

#include "metric/mean.h"

const mlp_Metric mlp_metric_mean_absolute_error = {
  .name = "mean_absolute_error",
  .alias = "mae",
  .doc = "The mean absolute error, over rows and outputs.",
  .cite = "Keras 3, metrics",
  MEAN_METRIC,
};
