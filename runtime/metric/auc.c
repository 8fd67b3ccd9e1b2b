/*
** auc.c - the area under a curve over all thresholds.
** As Keras: so many thresholds, evenly spaced, the first below 0 and the last
** above 1, so that every output is above one: see thresholds.h.
*/
#include "metric/thresholds.h"
#include "base/fmath.h"

#include <string.h>

enum { NUM_THRESHOLDS, CURVE }; /* order of '.options' below */

static size_t room (const mlp_Object *o, size_t width) {
  (void)width;
  return thresholds_room((size_t)o->value[NUM_THRESHOLDS].number, 1);
}

static void update (const mlp_Object *o, const mlpi_Scored *s, double *state) {
  thresholds_add(s, (size_t)o->value[NUM_THRESHOLDS].number, 1, 0, state);
}

/* Between two thresholds, from the counts above each: trapezoids. */
static double roc_step (double tp, double tp1, double fp, double fp1) {
  return (fp - fp1) * (tp + tp1) / 2;
}

/* Davis & Goadrich 2006, ICML: between two thresholds true positives grow
** linearly with what is called positive; precision is integrated exactly. */
static double pr_step (double tp, double tp1, double fp, double fp1) {
  double p = tp + fp, p1 = tp1 + fp1;
  double slope = mlpi_share(tp - tp1, p - p1), rest = tp1 - slope * p1;
  double ratio = p > 0 && p1 > 0 ? p / p1 : 1;
  return slope * (tp - tp1 + rest * mlpi_ln(ratio));
}

static double result (const mlp_Object *o, size_t width, const double *state) {
  const size_t n = (size_t)o->value[NUM_THRESHOLDS].number;
  bool roc = strcmp(o->value[CURVE].text, "ROC") == 0;
  double tp = 0, fp = 0, area = 0;
  (void)width;
  for (size_t k = n; k-- > 0;) { /* from the highest threshold down */
    double tp1 = tp, fp1 = fp;
    tp += state[k];
    fp += state[n + k];
    area += roc ? roc_step(tp, tp1, fp, fp1) : pr_step(tp, tp1, fp, fp1);
  }
  return mlpi_share(area, roc ? tp * fp : tp);
}

const mlp_Metric mlp_metric_auc = {
  .name = "auc",
  .doc = "The area under the curve of recall over the false positive rate "
         "(ROC), or of precision over recall (PR), by so many thresholds.",
  .cite = "Hanley & McNeil 1982, Radiology 143; Keras 3, metrics.AUC",
  .larger_is_better = true,
  .options = {
    { "num_thresholds", 200, 2, 1e6, "how many", .type = MLP_INTEGER },
    { "curve", .doc = "which", .type = MLP_TEXT, .text = "ROC",
      .choices = "ROC PR" },
  },
  .room = room,
  .update = update,
  .result = result,
};
