/*
** concordance_correlation.c - how close predictions lie to their targets, and
** not only to some line.
*/
#include "metric/moments.h"

static double value (const double *s) {
  const double d = s[MEAN_X] - s[MEAN_Y];
  return mlpi_share(2 * s[XY], s[XX] + s[YY] + s[N] * d * d);
}

static double result (const mlp_Object *o, size_t width, const double *state) {
  (void)o;
  return moments_mean(width, state, value);
}

const mlp_Metric mlp_metric_concordance_correlation = {
  .name = "concordance_correlation",
  .alias = "concordance",
  .doc = "2 cov / (var(y) + var(p) + (mean(y) - mean(p))^2) over all rows, the "
         "mean over outputs. (Keras's is that of the outputs of each row.)",
  .cite = "Lin 1989, Biometrics 45",
  .larger_is_better = true,
  MOMENTS_METRIC,
};
