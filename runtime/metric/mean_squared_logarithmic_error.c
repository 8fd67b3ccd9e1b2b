/*
** mean_squared_logarithmic_error.c - the mean squared error of logarithms.
*/
#include "metric/metric.h"
#include "base/fmath.h"

static double each (const mlp_Object *o, double y, double p) {
  double a = mlpi_ln(1 + (p < 1e-7 ? 1e-7 : p));
  double b = mlpi_ln(1 + (y < 1e-7 ? 1e-7 : y));
  (void)o;
  return (a - b) * (a - b);
}

#include "metric/mean.h"

const mlp_Metric mlp_metric_mean_squared_logarithmic_error = {
  .name = "mean_squared_logarithmic_error",
  .alias = "msle",
  .doc = "(ln(1 + y) - ln(1 + p))^2, the mean over rows and outputs; values "
         "below 1e-7 count as that.",
  .cite = "Keras 3, metrics.MeanSquaredLogarithmicError",
  MEAN_METRIC,
};
