/*
** thresholds.h - outputs counted by thresholds, for the files of this folder
** that look at all of them: n, evenly spaced in [0, 1]; one alone is 0.5. The
** place of an output is how many thresholds it exceeds. A state counts by
** place, from 'least' to n, lower ones there too: positives, then negatives.
*/
#ifndef thresholds_h
#define thresholds_h

#include "metric/metric.h"

#include <math.h>

static inline size_t thresholds_room (size_t n, size_t least) {
  return 2 * (n + 1 - least);
}

/* The product is rounded to the outputs' type, as Keras does: in float32 too
** 0.3 is not above the fourth of 11. NaN is above none. */
static inline size_t thresholds_place (REAL x, size_t n) {
  if (n == 1) return x > R(0.5);
  const double at = ceil((double)(x * (REAL)(n - 1)));
  return !(at > 0) ? 0 : at > (double)(n - 1) ? n - 1 : (size_t)at;
}

/* Add a batch: the outputs of class 'id', from 1, or all at 0. */
static inline void thresholds_add (const mlpi_Scored *s, size_t n, size_t least,
                                   size_t id, double *state) {
  const size_t rows = mlpi_rows(s->p), width = mlpi_width(s->p);
  const REAL *x = s->p->data;
  double *negatives = state + n + 1 - least;
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < width; j++) {
      if (id > 0 && j != id - 1) continue;
      size_t place = thresholds_place(x[i * width + j], n);
      size_t k = place > least ? place - least : 0;
      bool is = mlpi_target(s->y, width, i, j) > 0.5;
      (is ? state : negatives)[k] += mlpi_weight(s, i);
    }
}

#endif
