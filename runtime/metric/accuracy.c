/*
** accuracy.c - the share of rows whose class is right.
*/
#include "metric/metric.h"

enum { HITS, ROWS }; /* state */

/* The column of the first largest element. */
static size_t argmax (const REAL *x, size_t n) {
  size_t best = 0;
  for (size_t j = 1; j < n; j++)
    if (x[j] > x[best]) best = j;
  return best;
}

static bool hit (const mlpi_Array *y, const REAL *p, size_t width, size_t i) {
  if (width == 1) return (p[i] > R(0.5)) == (mlpi_target(y, 1, i, 0) > 0.5);
  size_t c = argmax(p + i * width, width);
  if (y->dtype == MLP_INT64)
    return ((const int64_t *)y->data)[i] == (int64_t)c + 1;
  return argmax((const REAL *)y->data + i * width, width) == c;
}

static void update (const mlp_Object *o, const mlpi_Array *y,
                    const mlpi_Array *p, double *state) {
  size_t rows = mlpi_rows(p), width = mlpi_width(p), hits = 0;
  (void)o;
  for (size_t i = 0; i < rows; i++) hits += hit(y, p->data, width, i);
  state[HITS] += (double)hits;
  state[ROWS] += (double)rows;
}

static double result (const mlp_Object *o, size_t width, const double *state) {
  (void)o, (void)width;
  return mlpi_share(state[HITS], state[ROWS]);
}

const mlp_Metric mlp_metric_accuracy = {
  .name = "accuracy",
  .alias = "acc categorical_accuracy sparse_categorical_accuracy",
  .doc = "The share of rows whose class is right: of one output, class 2 where "
         "it is above 0.5; of several, the first largest.",
  .cite = "Keras 3, metrics.Accuracy and its kin",
  .larger_is_better = true,
  .update = update,
  .result = result,
};
