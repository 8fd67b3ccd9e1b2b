/*
** mean_squared_error.c - the mean squared error of all outputs.
*/
#include "metric/metric.h"

static double each (const mlp_Object *o, double y, double p) {
  (void)o;
  return (p - y) * (p - y);
}

#include "metric/mean.h"

const mlp_Metric mlp_metric_mean_squared_error = {
  .name = "mean_squared_error",
  .alias = "mse",
  .doc = "The mean squared error, over rows and outputs.",
  .cite = "Keras 3, metrics",
  MEAN_METRIC,
};
