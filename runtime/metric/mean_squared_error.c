/*
** mean_squared_error.c - the mean squared error of all outputs.
*/
#include "metric/metric.h"

enum { SUM, COUNT }; /* state */

static void update (const mlp_Object *o, const mlpi_Array *y,
                    const mlpi_Array *p, double *state) {
  size_t rows = mlpi_rows(p), width = mlpi_width(p);
  const REAL *x = p->data;
  (void)o;
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < width; j++) {
      double d = (double)x[i * width + j] - mlpi_target(y, width, i, j);
      state[SUM] += d * d;
    }
  state[COUNT] += (double)(rows * width);
}

static double result (const mlp_Object *o, const double *state) {
  (void)o;
  return state[SUM] / state[COUNT];
}

const mlp_Metric mlp_metric_mean_squared_error = {
  .name = "mean_squared_error",
  .alias = "mse",
  .doc = "The mean squared error, over rows and outputs.",
  .cite = "Keras 3, metrics",
  .update = update,
  .result = result,
};
