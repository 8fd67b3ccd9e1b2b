/*
** specificity_at_sensitivity.c - the best specificity where sensitivity is
** high enough.
*/
#define BEST  counts_specificity
#define BOUND counts_recall
#include "metric/best_at.h"

const mlp_Metric mlp_metric_specificity_at_sensitivity = {
  .name = "specificity_at_sensitivity",
  .doc = "The largest specificity over the thresholds where sensitivity is "
         "at least so much; 0 where it is at none.",
  .cite = "Keras 3, metrics.SpecificityAtSensitivity",
  BEST_AT_METRIC("sensitivity"),
};
