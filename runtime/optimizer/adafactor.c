/*
** adafactor.c - second moments of a matrix as the product of a column and a
** row, so that they take little memory; the step's length is a share of the
** weights'. Shazeer & Stern 2018, arXiv:1804.04235, as in Keras.
*/
#include "optimizer/optimizer.h"

/* order of '.options' below */
enum {
  LEARNING_RATE,
  BETA_2_DECAY,
  EPSILON_1,
  EPSILON_2,
  CLIP_THRESHOLD,
  COMMON
};

static int slots (const double *opt) {
  (void)opt;
  return 2;
}

/* The root of the mean of squares, from their sum. */
static double rms (double squares, size_t n) {
  return __builtin_sqrt(squares / (double)n);
}

static double of_weights (size_t n, const void *w) {
  return rms(mlpi_sum_squares(MLPI_DTYPE, n, w), n);
}

/* How far to go along u, whose squares have that sum; w: the weights (n). */
static REAL length (const double *opt, size_t n, const void *w, double squares,
                    uint64_t t) {
  const double slow = 1 / __builtin_sqrt((double)t), size = of_weights(n, w);
  const double rate = opt[LEARNING_RATE] < slow ? opt[LEARNING_RATE] : slow;
  const double alpha = (size > opt[EPSILON_2] ? size : opt[EPSILON_2]) * rate;
  const double over = rms(squares, n) / opt[CLIP_THRESHOLD];
  return (REAL)(over > 1 ? alpha / over : alpha);
}

/* The decay of the second moments, which grows with the steps. */
static REAL decay (const double *opt, uint64_t t) {
  return (REAL)(1 - mlpi_pow((double)t, opt[BETA_2_DECAY]));
}

/* The slot: second moments v(n). */
static void step (const double *opt, size_t n, void *w, const void *g,
                  void *state, size_t stride, uint64_t t) {
  const REAL keep = decay(opt, t), eps = (REAL)opt[EPSILON_1];
  const REAL *d = g;
  REAL *v = state, *x = w;
  double squares = 0;
  (void)stride;
  for (size_t i = 0; i < n; i++) {
    v[i] = keep * v[i] + (1 - keep) * (d[i] * d[i] + eps);
    const REAL u = d[i] / SQRT(v[i]);
    squares += (double)u * (double)u;
  }
  const REAL go = length(opt, n, w, squares, t);
  for (size_t i = 0; i < n; i++) x[i] -= go * (d[i] / SQRT(v[i]));
}

/* r[i] and c[j]: running means of the squares of a row and of a column. */
static void means (const mlpi_Matrix *m, REAL keep, REAL eps, REAL *r,
                   REAL *c) {
  const REAL *g = m->g;
  for (size_t i = 0; i < m->rows; i++) {
    double sum = 0;
    for (size_t j = 0; j < m->cols; j++)
      sum += (double)(g[i * m->cols + j] * g[i * m->cols + j] + eps);
    r[i] = keep * r[i] + (1 - keep) * (REAL)(sum / (double)m->cols);
  }
  for (size_t j = 0; j < m->cols; j++) {
    double sum = 0;
    for (size_t i = 0; i < m->rows; i++)
      sum += (double)(g[i * m->cols + j] * g[i * m->cols + j] + eps);
    c[j] = keep * c[j] + (1 - keep) * (REAL)(sum / (double)m->rows);
  }
}

/* The slots: r(rows) at the start of the first, c(cols) of the second. */
static void step_matrix (const double *opt, const mlpi_Matrix *m, uint64_t t) {
  REAL *r = m->state, *c = r + m->stride, *w = m->w;
  const REAL *g = m->g;
  double mean = 0, squares = 0;
  means(m, decay(opt, t), (REAL)opt[EPSILON_1], r, c);
  for (size_t i = 0; i < m->rows; i++) mean += (double)r[i];
  mean /= (double)m->rows;
  for (size_t i = 0; i < m->rows; i++)
    for (size_t j = 0; j < m->cols; j++) {
      const REAL u = g[i * m->cols + j] / SQRT(r[i] / (REAL)mean * c[j]);
      squares += (double)u * (double)u;
    }
  const REAL go = length(opt, m->rows * m->cols, w, squares, t);
  for (size_t i = 0; i < m->rows; i++)
    for (size_t j = 0; j < m->cols; j++)
      w[i * m->cols + j] -=
          go * (g[i * m->cols + j] / SQRT(r[i] / (REAL)mean * c[j]));
}

const mlp_Optimizer mlp_optimizer_adafactor = {
  .name = "adafactor",
  .doc = "Each weight array takes a step whose length is a share of its own: "
         "min(lr, 1 / sqrt(t)). The second moments of a matrix are kept as one "
         "number a row and one a column.",
  .cite = "Shazeer & Stern 2018, arXiv:1804.04235",
  .options = {
    { "learning_rate", 1e-3, 0, 1e3, "largest step as a share of the weights" },
    { "beta_2_decay", -0.8, -1e3, 0, "second moments decay by 1 - t^this" },
    { "epsilon_1", 1e-30, 0, 1, "added to squared gradients" },
    { "epsilon_2", 1e-3, 0, 1, "least size of weights that a share is of" },
    { "clip_threshold", 1, 1e-30, 1e30, "longer directions are cut to this" },
    MLPI_COMMON(0),
  },
  .slots = slots,
  .step = step,
  .step_matrix = step_matrix,
  .common = COMMON,
  .per_weight = true,
};
