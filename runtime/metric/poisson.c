/*
** poisson.c - the mean Poisson loss.
*/
#include "metric/metric.h"
#include "base/fmath.h"

static double each (const mlp_Object *o, double y, double p) {
  (void)o;
  return p - y * mlpi_ln(p + 1e-7);
}

#include "metric/mean.h"

const mlp_Metric mlp_metric_poisson = {
  .name = "poisson",
  .doc = "p - y ln(p + 1e-7), the mean over rows and outputs.",
  .cite = "Keras 3, metrics.Poisson",
  MEAN_METRIC,
};
