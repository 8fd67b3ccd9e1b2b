/*
** root_mean_squared_error.c - the root of the mean squared error.
*/
#include "metric/metric.h"

static double each (const mlp_Object *o, double y, double p) {
  (void)o;
  return (p - y) * (p - y);
}

#define FINISH(x) sqrt(x)
#include "metric/mean.h"

const mlp_Metric mlp_metric_root_mean_squared_error = {
  .name = "root_mean_squared_error",
  .alias = "rmse",
  .doc = "The root of the mean squared error, over rows and outputs.",
  .cite = "Keras 3, metrics.RootMeanSquaredError",
  MEAN_METRIC,
};
