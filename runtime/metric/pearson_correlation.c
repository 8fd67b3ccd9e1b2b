/*
** pearson_correlation.c - how linear predictions are in their targets.
*/
#include "metric/moments.h"

static double value (const double *s) {
  return mlpi_share(s[XY], sqrt(s[XX]) * sqrt(s[YY]));
}

static double result (const mlp_Object *o, size_t width, const double *state) {
  (void)o;
  return moments_mean(width, state, value);
}

const mlp_Metric mlp_metric_pearson_correlation = {
  .name = "pearson_correlation",
  .alias = "pearson",
  .doc = "The correlation of targets and predictions over all rows, the mean "
         "over outputs; 0 where one of them is constant. (Keras's is that of "
         "the outputs of each row.)",
  .cite = "Pearson 1895, Proc. R. Soc. London 58",
  .larger_is_better = true,
  MOMENTS_METRIC,
};
