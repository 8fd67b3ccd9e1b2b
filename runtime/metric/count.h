/*
** count.h - template of a metric that is a count, summed over columns.
** The file that includes it has defined COUNTED, a place in the counts of a
** column: see counts.h. The descriptor ends with COUNT_METRIC.
*/
#include "metric/counts.h"

enum { THRESHOLDS }; /* order of '.options' below */

static void update (const mlp_Object *o, const mlpi_Scored *s, double *state) {
  counts_add(s, o->value[THRESHOLDS].number, 0, state);
}

static double result (const mlp_Object *o, size_t width, const double *state) {
  double sum = 0;
  (void)o;
  for (size_t j = 0; j < width; j++) sum += state[COUNTS * j + COUNTED];
  return sum;
}

#define COUNT_METRIC                                                           \
  .options = {                                                                 \
    { "thresholds", 0.5, 0, 1,                                                 \
      "an output above it is positive; 0: the largest of a row" },             \
  },                                                                           \
  .room = counts_room, .update = update, .result = result
