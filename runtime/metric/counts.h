/*
** counts.h - hits and misses of each output column, for the files of this
** folder that are ratios of them. A column of the state: true positives,
** false positives, false negatives, true negatives.
*/
#ifndef counts_h
#define counts_h

#include "metric/metric.h"

#include <string.h>

enum { TP, FP, FN, TN, COUNTS };

static inline size_t counts_room (const mlp_Object *o, size_t width) {
  (void)o;
  return COUNTS * width;
}

/* How many outputs of a row come before x[j]: larger ones, and equal ones on
** its left. */
static inline size_t counts_place (const REAL *x, size_t width, size_t j) {
  size_t n = 0;
  for (size_t k = 0; k < width; k++)
    n += x[k] > x[j] || (k < j && x[k] == x[j]);
  return n;
}

/* Add a batch. An output is positive where it is among the top_k of its row;
** at a top_k of 0, where it is above the threshold; at a threshold of 0 too,
** where it is the row's largest and not 0 (of one output: above 0.5). */
static inline void counts_add (const mlpi_Scored *s, double threshold,
                               size_t top_k, double *state) {
  size_t rows = mlpi_rows(s->p), width = mlpi_width(s->p);
  const REAL *x = s->p->data;
  if (threshold == 0 && width == 1) threshold = 0.5;
  for (size_t i = 0; i < rows; i++, x += width) {
    const double w = mlpi_weight(s, i);
    REAL most = x[0];
    for (size_t j = 1; j < width; j++)
      if (x[j] > most) most = x[j];
    for (size_t j = 0; j < width; j++) {
      bool says = top_k > 0       ? counts_place(x, width, j) < top_k
                  : threshold > 0 ? (double)x[j] > threshold
                                  : x[j] >= most && FABS(x[j]) > R(1e-9);
      bool is = mlpi_target(s->y, width, i, j) > 0.5;
      state[COUNTS * j + (says ? (is ? TP : FP) : (is ? FN : TN))] += w;
    }
  }
}

/* Of the counts of one column. */
static inline double counts_precision (const double *n) {
  return mlpi_share(n[TP], n[TP] + n[FP]);
}
static inline double counts_recall (const double *n) {
  return mlpi_share(n[TP], n[TP] + n[FN]);
}
static inline double counts_specificity (const double *n) {
  return mlpi_share(n[TN], n[TN] + n[FP]);
}

/* The F-beta score of one column: see fbeta_score.c. */
static inline double counts_f_score (const double *n, double beta) {
  const double eps = 1e-7, b2 = beta * beta;
  double p = n[TP] / (n[TP] + n[FP] + eps), r = n[TP] / (n[TP] + n[FN] + eps);
  return (1 + b2) * p * r / (b2 * p + r + eps);
}

/*
** A ratio of counts averaged over columns: "micro" adds the counts first,
** "macro" takes the mean of the columns' ratios, "weighted" weighs them by the
** positives that each column has, whose sum is made larger by 'more'.
*/
static inline double counts_average (
    const mlp_Object *o, const char *average, size_t width, const double *state,
    double (*ratio)(const mlp_Object *o, const double *column), double more) {
  bool even = strcmp(average, "macro") == 0;
  double all[COUNTS] = { 0 }, sum = 0, weights = even ? 0 : more;
  for (size_t j = 0; j < width; j++) {
    const double *column = state + COUNTS * j;
    double w = even ? 1 : column[TP] + column[FN];
    for (int k = 0; k < COUNTS; k++) all[k] += column[k];
    sum += w * ratio(o, column);
    weights += w;
  }
  if (strcmp(average, "micro") == 0) return ratio(o, all);
  return mlpi_share(sum, weights);
}

#define COUNTS_AVERAGE(PRESET)                                                 \
  {                                                                            \
    "average",                                                                 \
        .doc = "how columns are put together: counts added, mean, "            \
               "mean weighted by positives",                                   \
        .type = MLP_TEXT, .text = PRESET, .choices = "micro macro weighted"    \
  }

#endif
