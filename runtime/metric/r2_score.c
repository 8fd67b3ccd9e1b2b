/*
** r2_score.c - the share of the targets' variance that is explained.
*/
#include "metric/metric.h"

#include <string.h>

enum { AGGREGATION };                   /* order of '.options' below */
enum { N, MEAN, SQUARES, ERRORS, ALL }; /* state, of each output */

static size_t room (const mlp_Object *o, size_t width) {
  (void)o;
  return ALL * width;
}

/* Welford 1962, with weights as West 1979: the mean and the squares around it,
** without cancellation. */
static void update (const mlp_Object *o, const mlpi_Scored *b, double *state) {
  size_t rows = mlpi_rows(b->p), width = mlpi_width(b->p);
  const REAL *x = b->p->data;
  (void)o;
  for (size_t i = 0; i < rows; i++) {
    const double w = mlpi_weight(b, i);
    for (size_t j = 0; j < width && w != 0; j++) {
      double *s = state + ALL * j, t = mlpi_target(b->y, width, i, j);
      double d = t - s[MEAN], e = t - (double)x[i * width + j];
      s[N] += w;
      s[MEAN] += w * d / s[N];
      s[SQUARES] += w * d * (t - s[MEAN]);
      s[ERRORS] += w * e * e;
    }
  }
}

static double result (const mlp_Object *o, size_t width, const double *state) {
  bool even = strcmp(o->value[AGGREGATION].text, "uniform_average") == 0;
  double sum = 0, weights = 0;
  for (size_t j = 0; j < width; j++) {
    const double *s = state + ALL * j;
    double w = even ? 1 : s[SQUARES];
    if (s[SQUARES] > 0) sum += w * (1 - s[ERRORS] / s[SQUARES]);
    weights += w;
  }
  return mlpi_share(sum, weights);
}

const mlp_Metric mlp_metric_r2_score = {
  .name = "r2_score",
  .alias = "r2",
  .doc = "1 - sum((y - p)^2) / sum((y - mean(y))^2), averaged over outputs; 0 "
         "for one whose targets are all equal.",
  .cite = "Wright 1921, Journal of Agricultural Research 20; Keras 3, "
          "metrics.R2Score",
  .larger_is_better = true,
  .options = {
    { "class_aggregation", .doc = "weights of the outputs", .type = MLP_TEXT,
      .text = "uniform_average",
      .choices = "uniform_average variance_weighted_average" },
  },
  .room = room,
  .update = update,
  .result = result,
};
