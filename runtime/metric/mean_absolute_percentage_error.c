/*
** mean_absolute_percentage_error.c - the mean relative error, in percent.
*/
#include "metric/metric.h"

static double each (const mlp_Object *o, double y, double p) {
  (void)o;
  return 100 * fabs((y - p) / (fabs(y) > 1e-7 ? fabs(y) : 1e-7));
}

#include "metric/mean.h"

const mlp_Metric mlp_metric_mean_absolute_percentage_error = {
  .name = "mean_absolute_percentage_error",
  .alias = "mape",
  .doc = "100 |y - p| / max(|y|, 1e-7), the mean over rows and outputs.",
  .cite = "Keras 3, metrics.MeanAbsolutePercentageError",
  MEAN_METRIC,
};
