/*
** specificity.c - how much of what is negative was called so.
*/
#include "metric/counts.h"

static double ratio (const mlp_Object *o, const double *n) {
  (void)o;
  return counts_specificity(n);
}

#include "metric/ratio.h"

const mlp_Metric mlp_metric_specificity = {
  .name = "specificity",
  .doc = "TN / (TN + FP), 0 where nothing is negative.",
  .cite = "Yerushalmy 1947, Public Health Reports 62",
  RATIO_METRIC,
};
