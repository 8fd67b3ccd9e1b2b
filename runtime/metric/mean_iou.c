/*
** mean_iou.c - how much what was called a class and what is one overlap.
*/
#include "metric/counts.h"

enum { THRESHOLD, CLASS_ID }; /* order of '.options' below */

static void update (const mlp_Object *o, const mlpi_Scored *s, double *state) {
  counts_add(s, o->value[THRESHOLD].number, 0, state);
}

static double ratio (const double *n) {
  return mlpi_share(n[TP], n[TP] + n[FP] + n[FN]);
}

/* The mean over classes that occur, among targets or predictions; of one output
** the negatives are a class too. */
static double result (const mlp_Object *o, size_t width, const double *state) {
  size_t id = (size_t)o->value[CLASS_ID].number, n = 0;
  double sum = 0;
  if (id > 0 && id <= width) return ratio(state + COUNTS * (id - 1));
  for (size_t j = 0; j < width; j++) {
    const double *c = state + COUNTS * j;
    const double other[COUNTS] = { c[TN], c[FN], c[FP], c[TP] };
    if (c[TP] + c[FP] + c[FN] > 0) sum += ratio(c), n++;
    if (width == 1 && other[TP] + other[FP] + other[FN] > 0)
      sum += ratio(other), n++;
  }
  return mlpi_share(sum, (double)n);
}

const mlp_Metric mlp_metric_mean_iou = {
  .name = "mean_iou",
  .alias = "iou binary_iou one_hot_iou one_hot_mean_iou",
  .doc = "TP / (TP + FP + FN), intersection over union: the mean over the "
         "classes that occur, or that of one class. Of one output there are "
         "two classes.",
  .cite = "Jaccard 1912, New Phytologist 11; Keras 3, metrics.MeanIoU",
  .larger_is_better = true,
  .options = {
    { "threshold", 0, 0, 1, "an output above it is positive; 0: the largest of a row (of one output: above 0.5)" },
    { "class_id", 0, 0, 1e9, "of this class alone; 0: the mean", .type = MLP_INTEGER },
  },
  .room = counts_room,
  .update = update,
  .result = result,
};
