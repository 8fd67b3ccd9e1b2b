/*
** regression.c - a linear function of some of the columns, as scikit-learn's
** make_regression.
*/
#include "data/sample.h"

enum { FEATURES = MLPI_OWN, INFORMATIVE, BIAS, NOISE };
enum { SLOPES = 16, COLUMNS }; /* random numbers beside those of sample.h */

/* Column order[j] of each row has slope j; those behind 'm' have none. */
static void fill (mlpi_Points *s, size_t m, double bias, const size_t *order) {
  mlpi_Stream normal = mlpi_sample_stream(s->rt, s->options, MLPI_POINTS);
  mlpi_Stream slopes = mlpi_sample_stream(s->rt, s->options, SLOPES);
  size_t f = s->features;
  for (size_t i = 0; i < s->n * f; i++) s->x[i] = mlpi_normal(&normal, i);
  for (size_t i = 0; i < s->n; i++) {
    s->y[i] = bias;
    for (size_t j = 0; j < m; j++)
      s->y[i] += 100 * mlpi_uniform(&slopes, j) * s->x[i * f + order[j]];
  }
}

static mlp_Status make (mlp_Runtime *rt, const mlp_Object *o,
                        mlp_Dataset **out) {
  size_t f = (size_t)o->value[FEATURES].number;
  size_t m = (size_t)o->value[INFORMATIVE].number;
  mlpi_Points s;
  *out = NULL;
  size_t *order = mlpi_calloc(rt, f, sizeof *order);
  if (order == NULL) return MLP_ENOMEM;
  mlp_Status e = mlpi_sample_begin(rt, o, f, 0, &s, out);
  if (e == MLP_OK) {
    mlpi_Stream columns = mlpi_sample_stream(rt, o, COLUMNS);
    mlpi_permutation(&columns, f, order);
    fill(&s, m < f ? m : f, o->value[BIAS].number, order);
    mlpi_sample_noise(&s, o->value[NOISE].number, s.n, s.y);
    e = mlpi_sample_end(&s, NULL, out);
  }
  mlpi_free(rt, order, f * sizeof *order);
  return e;
}

const mlp_Generator mlp_dataset_regression = {
  .name = "regression",
  .doc = "Regression: x (n, features) normal, y (n, 1) = bias + the sum of "
         "some columns times slopes uniform in 0..100.",
  .cite = "scikit-learn, make_regression",
  .options = {
    MLPI_SAMPLE_OPTIONS(100),
    { "features", 100, 1, 1e4, "columns of x", MLP_INTEGER },
    { "informative", 10, 1, 1e4, "columns with a slope", MLP_INTEGER },
    { "bias", 0, -1e6, 1e6, "y where all columns are 0" },
    { "noise", 0, 0, 1e6, "standard deviation of the noise on y" },
  },
  .make = make,
};
