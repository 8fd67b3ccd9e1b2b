/*
** hinge.c - the mean of the margins that are missing.
*/
#include "metric/metric.h"

enum { SUM, COUNT }; /* state */

static double each (const mlp_Object *o, double y, double p) {
  double margin = (y == 0 ? -1 : y) * p;
  (void)o;
  return margin < 1 ? 1 - margin : 0;
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

const mlp_Metric mlp_metric_hinge = {
  .name = "hinge",
  .doc = "max(1 - y p, 0), the mean over rows and outputs; targets 0 "
         "(and of two classes the first) are -1.",
  .cite = "Keras 3, metrics.Hinge",
  .update = update,
  .result = result,
};
