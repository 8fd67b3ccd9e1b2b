/*
** ratio.h - template of a metric that is a ratio of hits and misses.
** The file that includes it has defined
**   static double ratio (const mlp_Object *o, const double *n)
** of the counts n of a column: see counts.h. The descriptor ends with
** RATIO_METRIC.
*/
enum { THRESHOLDS, TOP_K, CLASS_ID, AVERAGE }; /* order of '.options' below */

static void update (const mlp_Object *o, const mlpi_Scored *s, double *state) {
  counts_add(s, o->value[THRESHOLDS].number, (size_t)o->value[TOP_K].number,
             state);
}

static double result (const mlp_Object *o, size_t width, const double *state) {
  size_t id = (size_t)o->value[CLASS_ID].number;
  if (id > 0) return id > width ? 0 : ratio(o, state + COUNTS * (id - 1));
  return counts_average(o, o->value[AVERAGE].text, width, state, ratio, 0);
}

#define RATIO_METRIC                                                           \
  .larger_is_better = true,                                                    \
  .options = {                                                                 \
    { "thresholds", 0.5, 0, 1,                                                 \
      "an output above it is positive; 0: the largest of a row" },             \
    { "top_k", 0, 0, 1e9,                                                      \
      "the k largest of a row are positive, whatever the threshold; 0: not "   \
      "so", .type = MLP_INTEGER },                                             \
    { "class_id", 0, 0, 1e9, "of this class alone; 0: of all",                 \
      .type = MLP_INTEGER },                                                   \
    COUNTS_AVERAGE("micro"),                                                   \
  },                                                                           \
  .room = counts_room, .update = update, .result = result
