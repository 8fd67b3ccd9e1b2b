/*
** categorical_crossentropy.c - the mean cross-entropy of rows.
*/
#include "metric/metric.h"
#include "base/fmath.h"

enum { FROM_LOGITS, LABEL_SMOOTHING }; /* order of '.options' below */

static double largest (const REAL *x, size_t n) {
  REAL most = x[0];
  for (size_t j = 1; j < n; j++)
    if (x[j] > most) most = x[j];
  return (double)most;
}

static double clipped (double p) {
  return p < 1e-7 ? 1e-7 : p > 1 - 1e-7 ? 1 - 1e-7 : p;
}

static double row (const mlp_Object *o, const mlpi_Array *y, const REAL *x,
                   size_t width, size_t i) {
  const double s = o->value[LABEL_SMOOTHING].number;
  bool logits = o->value[FROM_LOGITS].number != 0;
  double most = logits ? largest(x, width) : 0, total = 0, sum = 0;
  for (size_t j = 0; j < width; j++)
    total += logits ? mlpi_exp((double)x[j] - most) : (double)x[j];
  for (size_t j = 0; j < width; j++) {
    double t = mlpi_target(y, width, i, j) * (1 - s) + s / (double)width;
    sum -= t * (logits ? (double)x[j] - most - mlpi_ln(total)
                       : mlpi_ln(clipped((double)x[j] / total)));
  }
  return sum;
}

#define ROWS
#include "metric/mean.h"

const mlp_Metric mlp_metric_categorical_crossentropy = {
  .name = "categorical_crossentropy",
  .alias = "cce sparse_categorical_crossentropy scce",
  .doc = "-sum over classes of y ln p, the mean over rows; targets are "
         "classes or distributions; p is divided by its sum and clipped "
         "to [1e-7, 1 - 1e-7].",
  .cite = "Keras 3, metrics.CategoricalCrossentropy",
  .options = {
    { "from_logits", 0, 0, 1, "the model's output is the logits", .type = MLP_BOOLEAN },
    { "label_smoothing", 0, 0, 1, "share of each target that is spread over all classes" },
  },
  MEAN_METRIC,
};
