/*
** log_cosh.c - the mean logarithm of the hyperbolic cosine of errors.
*/
#include "metric/metric.h"
#include "base/fmath.h"

static double each (const mlp_Object *o, double y, double p) {
  double d = p - y;
  (void)o;
  return d + (d < 0 ? -2 * d : 0) + mlpi_ln(1 + mlpi_exp(-2 * fabs(d))) -
         0.69314718055994530942;
}

#include "metric/mean.h"

const mlp_Metric mlp_metric_log_cosh = {
  .name = "log_cosh",
  .alias = "log_cosh_error",
  .doc = "ln(cosh(p - y)), the mean over rows and outputs.",
  .cite = "Keras 3, metrics.LogCoshError",
  MEAN_METRIC,
};
