/*
** best_at.h - template of the largest of one ratio of hits and misses where
** another one is at least so much, over all thresholds: see thresholds.h.
** The file that includes it has defined BEST and BOUND, functions of the
** counts of counts.h. The descriptor ends with BEST_AT_METRIC.
*/
#include "metric/counts.h"
#include "metric/thresholds.h"

enum { LEAST, NUM_THRESHOLDS, CLASS_ID }; /* order of '.options' below */

static size_t room (const mlp_Object *o, size_t width) {
  (void)width;
  return thresholds_room((size_t)o->value[NUM_THRESHOLDS].number, 0);
}

static void update (const mlp_Object *o, const mlpi_Scored *s, double *state) {
  thresholds_add(s, (size_t)o->value[NUM_THRESHOLDS].number, 0,
                 (size_t)o->value[CLASS_ID].number, state);
}

/* Sums start at the highest place, so that nothing below leaves nothing. */
static double sum_down (const double *places, size_t n) {
  double sum = 0;
  for (size_t k = n + 1; k-- > 0;) sum += places[k];
  return sum;
}

static double result (const mlp_Object *o, size_t width, const double *state) {
  const size_t n = (size_t)o->value[NUM_THRESHOLDS].number;
  const double *negatives = state + n + 1;
  const double is = sum_down(state, n), is_not = sum_down(negatives, n);
  double count[COUNTS] = { 0 }, best = 0;
  (void)width;
  for (size_t k = n; k > 0; k--) { /* the threshold that places from k exceed */
    count[TP] += state[k];
    count[FP] += negatives[k];
    count[FN] = is - count[TP];
    count[TN] = is_not - count[FP];
    if (BOUND(count) >= o->value[LEAST].number && BEST(count) > best)
      best = BEST(count);
  }
  return best;
}

#define BEST_AT_METRIC(BOUND_NAME)                                             \
  .larger_is_better = true,                                                    \
  .options = {                                                                 \
    { BOUND_NAME, 0, 0, 1, "at least so much", .required = true },             \
    { "num_thresholds", 200, 1, 1e6, "how many, in [0, 1]; 1: 0.5",            \
      .type = MLP_INTEGER },                                                   \
    { "class_id", 0, 0, 1e9, "of this class alone; 0: of all",                 \
      .type = MLP_INTEGER },                                                   \
  },                                                                           \
  .room = room, .update = update, .result = result
