/*
** cosine_similarity.c - the mean cosine between targets and predictions.
*/
#include "metric/metric.h"

static double row (const mlp_Object *o, const mlpi_Array *y, const REAL *x,
                   size_t width, size_t i) {
  double yy = 0, xx = 0, xy = 0;
  (void)o;
  for (size_t j = 0; j < width; j++) {
    double t = mlpi_target(y, width, i, j), v = (double)x[j];
    yy += t * t;
    xx += v * v;
    xy += t * v;
  }
  return xx == 0 || yy == 0 ? 0 : xy / sqrt(xx) / sqrt(yy);
}

#define ROWS
#include "metric/mean.h"

const mlp_Metric mlp_metric_cosine_similarity = {
  .name = "cosine_similarity",
  .doc = "The cosine of the angle between target and prediction, the "
         "mean over rows; 0 where one of them is 0.",
  .cite = "Keras 3, metrics.CosineSimilarity",
  .larger_is_better = true,
  MEAN_METRIC,
};
