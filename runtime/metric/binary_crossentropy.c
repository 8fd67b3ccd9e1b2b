/*
** binary_crossentropy.c - the mean cross-entropy of single outputs.
*/
#include "metric/metric.h"
#include "base/fmath.h"

enum { FROM_LOGITS, LABEL_SMOOTHING }; /* order of '.options' below */

static double each (const mlp_Object *o, double y, double p) {
  const double s = o->value[LABEL_SMOOTHING].number;
  y = y * (1 - s) + s / 2;
  if (o->value[FROM_LOGITS].number != 0)
    return (p > 0 ? p : 0) - p * y + mlpi_ln(1 + mlpi_exp(-fabs(p)));
  p = p < 1e-7 ? 1e-7 : p > 1 - 1e-7 ? 1 - 1e-7 : p;
  return -(y * mlpi_ln(p) + (1 - y) * mlpi_ln(1 - p));
}

#include "metric/mean.h"

const mlp_Metric mlp_metric_binary_crossentropy = {
  .name = "binary_crossentropy",
  .alias = "bce",
  .doc = "-(y ln p + (1 - y) ln(1 - p)), the mean over rows and "
         "outputs; p clipped to [1e-7, 1 - 1e-7].",
  .cite = "Keras 3, metrics.BinaryCrossentropy",
  .options = {
    { "from_logits", 0, 0, 1, "the model's output is the logits", .type = MLP_BOOLEAN },
    { "label_smoothing", 0, 0, 1, "share of each target that is spread over all classes" },
  },
  MEAN_METRIC,
};
