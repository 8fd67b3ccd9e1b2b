/*
** fbeta_score.c - precision and recall in one number.
*/
#include "metric/counts.h"

enum { BETA, AVERAGE, THRESHOLD }; /* order of '.options' below */

static void update (const mlp_Object *o, const mlpi_Scored *s, double *state) {
  counts_add(s, o->value[THRESHOLD].number, 0, state);
}

static double ratio (const mlp_Object *o, const double *n) {
  return counts_f_score(n, o->value[BETA].number);
}

static double result (const mlp_Object *o, size_t width, const double *state) {
  return counts_average(o, o->value[AVERAGE].text, width, state, ratio, 1e-7);
}

const mlp_Metric mlp_metric_fbeta_score = {
  .name = "fbeta_score",
  .alias = "f_beta",
  .doc = "(1 + b^2) P R / (b^2 P + R), P and R precision and recall, b = beta; each denominator + 1e-7, as in Keras.",
  .cite = "van Rijsbergen 1979; Keras 3, metrics",
  .larger_is_better = true,
  .options = {
    { "beta", 1, 1e-6, 1e6, "weight of recall against precision" },
    COUNTS_AVERAGE("macro"),
    { "threshold", 0, 0, 1, "an output above it is positive; 0: the largest of a row (of one output: above 0.5)" },
  },
  .room = counts_room,
  .update = update,
  .result = result,
};
