/*
** true_positives.c - a count.
*/
#include "metric/counts.h"

enum { THRESHOLDS }; /* order of '.options' below */

static void update (const mlp_Object *o, const mlpi_Scored *s, double *state) {
  counts_add(s, o->value[THRESHOLDS].number, 0, state);
}

static double result (const mlp_Object *o, size_t width, const double *state) {
  double sum = 0;
  (void)o;
  for (size_t j = 0; j < width; j++) sum += state[COUNTS * j + TP];
  return sum;
}

const mlp_Metric mlp_metric_true_positives = {
  .name = "true_positives",
  .doc = "How many outputs were called positive and are, each counted by the weight of its row.",
  .cite = "Keras 3, metrics.TruePositives",
  .larger_is_better = true,
  .options = {
    { "thresholds", 0.5, 0, 1, "an output above it is positive; 0: the largest of a row" },
  },
  .room = counts_room,
  .update = update,
  .result = result,
};
