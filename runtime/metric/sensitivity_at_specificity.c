/*
** sensitivity_at_specificity.c - the best sensitivity where specificity is
** high enough.
*/
#define BEST  counts_recall
#define BOUND counts_specificity
#include "metric/best_at.h"

const mlp_Metric mlp_metric_sensitivity_at_specificity = {
  .name = "sensitivity_at_specificity",
  .doc = "The largest sensitivity over the thresholds where specificity is "
         "at least so much; 0 where it is at none.",
  .cite = "Keras 3, metrics.SensitivityAtSpecificity",
  BEST_AT_METRIC("specificity"),
};
