/*
** mean_squared_error.c - the mean squared error of all outputs.
*/
#include "metric/metric.h"

enum { SUM, COUNT }; /* state */

static double each (const mlp_Object *o, double y, double p) {
  (void)o;
  return (p - y) * (p - y);
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

const mlp_Metric mlp_metric_mean_squared_error = {
  .name = "mean_squared_error",
  .alias = "mse",
  .doc = "The mean squared error, over rows and outputs.",
  .cite = "Keras 3, metrics",
  .update = update,
  .result = result,
};
