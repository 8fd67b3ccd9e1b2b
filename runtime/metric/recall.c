/*
** recall.c - how much of what is positive was found.
*/
#include "metric/counts.h"

enum { THRESHOLD, AVERAGE, CLASS_ID }; /* order of '.options' below */

static void update (const mlp_Object *o, const mlpi_Array *y,
                    const mlpi_Array *p, double *state) {
  counts_add(y, p, o->value[THRESHOLD].number, state);
}

static double ratio (const mlp_Object *o, const double *n) {
  (void)o;
  return mlpi_share(n[TP], n[TP] + n[FN]);
}

static double result (const mlp_Object *o, size_t width, const double *state) {
  size_t id = (size_t)o->value[CLASS_ID].number;
  if (id > 0) return id > width ? 0 : ratio(o, state + COUNTS * (id - 1));
  return counts_average(o, o->value[AVERAGE].text, width, state, ratio, 0);
}

const mlp_Metric mlp_metric_recall = {
  .name = "recall",
  .alias = "sensitivity",
  .doc = "TP / (TP + FN), 0 where nothing is positive.",
  .cite = "van Rijsbergen 1979; Keras 3, metrics.Recall",
  .larger_is_better = true,
  .options = {
    { "threshold", 0.5, 0, 1, "an output above it is positive; 0: the largest of a row" },
    COUNTS_AVERAGE("micro"),
    { "class_id", 0, 0, 1e9, "of this class alone; 0: of all", .type = MLP_INTEGER },
  },
  .room = counts_room,
  .update = update,
  .result = result,
};
