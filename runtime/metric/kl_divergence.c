/*
** kl_divergence.c - the mean relative entropy.
*/
#include "metric/metric.h"
#include "base/fmath.h"

static double clipped (double p) { return p < 1e-7 ? 1e-7 : p > 1 ? 1 : p; }

static double row (const mlp_Object *o, const mlpi_Array *y, const REAL *x,
                   size_t width, size_t i) {
  double sum = 0;
  (void)o;
  for (size_t j = 0; j < width; j++) {
    double t = clipped(mlpi_target(y, width, i, j));
    sum += t * mlpi_ln(t / clipped((double)x[j]));
  }
  return sum;
}

#define ROWS
#include "metric/mean.h"

const mlp_Metric mlp_metric_kl_divergence = {
  .name = "kl_divergence",
  .alias = "kld",
  .doc = "sum(y ln(y / p)), the mean over rows; both clipped to [1e-7, 1].",
  .cite = "Kullback & Leibler 1951; Keras 3, metrics.KLDivergence",
  MEAN_METRIC,
};
