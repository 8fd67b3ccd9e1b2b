/*
** moments.h - means, variances and the covariance of targets and predictions,
** for the files of this folder that are made of them. A column of the state.
*/
#ifndef moments_h
#define moments_h

#include "metric/metric.h"

enum { N, MEAN_X, MEAN_Y, XX, YY, XY, MOMENTS };

static inline size_t moments_room (const mlp_Object *o, size_t width) {
  (void)o;
  return MOMENTS * width;
}

/* Welford 1962, with weights as West 1979. */
static inline void moments_add (const mlp_Object *o, const mlpi_Scored *b,
                                double *state) {
  size_t rows = mlpi_rows(b->p), width = mlpi_width(b->p);
  const REAL *at = b->p->data;
  (void)o;
  for (size_t i = 0; i < rows; i++) {
    const double w = mlpi_weight(b, i);
    for (size_t j = 0; j < width && w != 0; j++) {
      double *s = state + MOMENTS * j;
      double x = (double)at[i * width + j], y = mlpi_target(b->y, width, i, j);
      double dx = x - s[MEAN_X], dy = y - s[MEAN_Y];
      s[N] += w;
      s[MEAN_X] += w * dx / s[N];
      s[MEAN_Y] += w * dy / s[N];
      s[XX] += w * dx * (x - s[MEAN_X]);
      s[YY] += w * dy * (y - s[MEAN_Y]);
      s[XY] += w * dx * (y - s[MEAN_Y]);
    }
  }
}

/* The mean of a value over columns. */
static inline double moments_mean (size_t width, const double *state,
                                   double (*value)(const double *column)) {
  double sum = 0;
  for (size_t j = 0; j < width; j++) sum += value(state + MOMENTS * j);
  return sum / (double)width;
}

#define MOMENTS_METRIC                                                         \
  .room = moments_room, .update = moments_add, .result = result

#endif
