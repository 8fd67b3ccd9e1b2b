/*
** adafactor.c - second moments of a matrix as the product of a column and a
** row, so that they take little memory; the step's length is a share of the
** weights'. Shazeer & Stern 2018, arXiv:1804.04235, as in Keras. In PyTorch
** epsilon_1 is no term of the moments but their least value, and the share is
** of the weights before they decay.
*/
#include "optimizer/optimizer.h"

/* order of '.options' below */
enum {
  LEARNING_RATE,
  BETA_2_DECAY,
  EPSILON_1,
  EPSILON_2,
  CLIP_THRESHOLD,
  COMPAT,
  COMMON
};

static bool is_torch (const double *opt) { return opt[COMPAT] == MLPI_TORCH; }

static int slots (const double *opt) {
  (void)opt;
  return 2;
}

/* The root of the mean of squares, from their sum. */
static double rms (double squares, size_t n) {
  return __builtin_sqrt(squares / (double)n);
}

/* The weights decay; how large they are, in PyTorch were before. */
static double decay_weights (const double *opt, size_t n, void *w) {
  const double rate = opt[COMMON + MLPI_WEIGHT_DECAY] * opt[LEARNING_RATE];
  const double before = is_torch(opt) ? mlpi_sum_squares(MLPI_DTYPE, n, w) : 0;
  if (rate != 0) mlpi_add_scaled(MLPI_DTYPE, n, -rate, w, w);
  return rms(is_torch(opt) ? before : mlpi_sum_squares(MLPI_DTYPE, n, w), n);
}

/* How far to go along u(n), whose squares have that sum; size: the weights'. */
static REAL length (const double *opt, size_t n, double size, double squares,
                    uint64_t t) {
  const double slow = 1 / __builtin_sqrt((double)t);
  const double rate = opt[LEARNING_RATE] < slow ? opt[LEARNING_RATE] : slow;
  const double alpha = (size > opt[EPSILON_2] ? size : opt[EPSILON_2]) * rate;
  const double over = rms(squares, n) / opt[CLIP_THRESHOLD];
  return (REAL)(over > 1 ? alpha / over : alpha);
}

/* Where epsilon_1 stands: added to squares; under means, under their roots. */
typedef struct Small {
  REAL added, mean, square;
} Small;

static Small small (const double *opt) {
  const double eps = opt[EPSILON_1];
  if (!is_torch(opt)) return (Small){ .added = (REAL)eps };
  const double type = MLPI_DTYPE == MLP_FLOAT32 ? 0x1p-23 : 0x1p-52;
  const double least = eps != 0 ? eps : type;
  return (Small){ .mean = (REAL)least, .square = (REAL)(least * least) };
}

static REAL at_least (REAL x, REAL least) { return x < least ? least : x; }

/* The decay of the second moments, which grows with the steps. */
static REAL decay (const double *opt, uint64_t t) {
  return (REAL)(1 - mlpi_pow((double)t, opt[BETA_2_DECAY]));
}

/* The slot: second moments v(n). */
static void step (const double *opt, size_t n, void *w, const void *g,
                  void *state, size_t stride, uint64_t t) {
  const REAL keep = decay(opt, t);
  const Small eps = small(opt);
  const REAL *d = g;
  REAL *v = state, *x = w;
  double squares = 0;
  (void)stride;
  for (size_t i = 0; i < n; i++) {
    v[i] = keep * v[i] + (1 - keep) * (d[i] * d[i] + eps.added);
    const REAL u = d[i] / SQRT(at_least(v[i], eps.square));
    squares += (double)u * (double)u;
  }
  const REAL go = length(opt, n, decay_weights(opt, n, w), squares, t);
  for (size_t i = 0; i < n; i++)
    x[i] -= go * (d[i] / SQRT(at_least(v[i], eps.square)));
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
  const Small eps = small(opt);
  const size_t n = m->rows * m->cols;
  double sum = 0, squares = 0;
  means(m, decay(opt, t), eps.added, r, c);
  for (size_t i = 0; i < m->rows; i++) sum += (double)r[i];
  const REAL mean = at_least((REAL)(sum / (double)m->rows), eps.mean);
  for (size_t i = 0; i < m->rows; i++)
    for (size_t j = 0; j < m->cols; j++) {
      const REAL v = at_least(r[i] / mean * c[j], eps.square);
      const REAL u = g[i * m->cols + j] / SQRT(v);
      squares += (double)u * (double)u;
    }
  const REAL go = length(opt, n, decay_weights(opt, n, w), squares, t);
  for (size_t i = 0; i < m->rows; i++)
    for (size_t j = 0; j < m->cols; j++) {
      const REAL v = at_least(r[i] / mean * c[j], eps.square);
      w[i * m->cols + j] -= go * (g[i * m->cols + j] / SQRT(v));
    }
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
    { "epsilon_1", 1e-30, 0, 1,
      "added to squared gradients; torch: their least root, 0: the type's epsilon" },
    { "epsilon_2", 1e-3, 0, 1, "least size of weights that a share is of" },
    { "clip_threshold", 1, 1e-30, 1e30, "longer directions are cut to this" },
    MLPI_COMPAT,
    MLPI_COMMON(0),
  },
  .slots = slots,
  .step = step,
  .step_matrix = step_matrix,
  .common = COMMON,
  .per_weight = true,
  .own_decay = true,
};
