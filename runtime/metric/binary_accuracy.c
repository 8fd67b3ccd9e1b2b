/*
** binary_accuracy.c - the share of outputs on the right side of a threshold.
*/
#include "metric/metric.h"

enum { SUM, COUNT }; /* state */
enum { THRESHOLD };  /* order of '.options' below */

static double each (const mlp_Object *o, double y, double p) {
  return (p > o->value[THRESHOLD].number) == (y > 0.5);
}

static void update (const mlp_Object *o, const mlpi_Array *y,
                    const mlpi_Array *p, double *state) {
  size_t rows = mlpi_rows(p), width = mlpi_width(p);
  const REAL *x = p->data;
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < width; j++)
      state[SUM] +=
          each(o, mlpi_target(y, width, i, j), (double)x[i * width + j]);
  state[COUNT] += (double)(rows * width);
}

static double result (const mlp_Object *o, size_t width, const double *state) {
  (void)o, (void)width;
  return mlpi_share(state[SUM], state[COUNT]);
}

const mlp_Metric mlp_metric_binary_accuracy = {
  .name = "binary_accuracy",
  .doc = "The share of single outputs that are above the threshold "
         "where the target is 1 and not above it where it is 0.",
  .cite = "Keras 3, metrics.BinaryAccuracy",
  .larger_is_better = true,
  .options = {
    { "threshold", 0.5, 0, 1, "an output above it is positive" },
  },
  .update = update,
  .result = result,
};
