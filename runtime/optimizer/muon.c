/*
** muon.c - momentum whose matrices are made orthogonal, by five steps of a
** Newton-Schulz iteration; other weights take steps of Adam.
** Jordan et al. 2024, kellerjordan.github.io/posts/muon; the length of a step
** by Liu et al. 2025, arXiv:2502.16982, as in Keras. PyTorch's is longer for
** layers with more units than inputs, and its other weights are AdamW's.
*/
#include "optimizer/optimizer.h"

#include <string.h>

/* order of '.options' below */
enum {
  LEARNING_RATE,
  ADAM_BETA_1,
  ADAM_BETA_2,
  ADAM_WEIGHT_DECAY,
  EPSILON,
  EXCLUDE_LAYERS,
  EXCLUDE_EMBEDDINGS,
  MUON_A,
  MUON_B,
  MUON_C,
  ADAM_LR_RATIO,
  MOMENTUM,
  NS_STEPS,
  NESTEROV,
  RMS_RATE,
  COMPAT,
  COMMON
};

static bool is_torch (const double *opt) { return opt[COMPAT] == MLPI_TORCH; }

static int slots (const double *opt) {
  (void)opt;
  return 2;
}

/* Does 'name' hold one of the words of 'text'? */
static bool holds_word (const char *name, const char *text) {
  char word[MLPI_LAYER_NAME];
  for (size_t n; *text != '\0'; text += n) {
    text += strspn(text, " ,");
    n = strcspn(text, " ,");
    if (n == 0 || n >= sizeof word) continue;
    memcpy(word, text, n);
    word[n] = '\0';
    if (strstr(name, word) != NULL) return true;
  }
  return false;
}

static bool takes_matrix (const mlp_Object *o, const mlp_Layer *l) {
  const char *words = o->value[EXCLUDE_LAYERS].text;
  if (o->value[EXCLUDE_EMBEDDINGS].number != 0 &&
      strcmp(l->o->kind->name, "embedding") == 0)
    return false;
  return words == NULL || !holds_word(l->name, words);
}

/* A matrix on its way: x(rows, cols) becomes y(rows, cols). */
typedef struct Work {
  mlp_Runtime *rt;
  size_t rows, cols, side; /* side: the shorter */
  REAL *x, *y, *a, *b;     /* a, b: (side, side) */
  void *scratch;           /* of products */
} Work;

static bool is_tall (const Work *q) { return q->rows > q->cols; }

/* Elements in whole lines of a cache. */
static size_t padded (size_t n) {
  const size_t line = 64 / sizeof(REAL);
  return (n + line - 1) / line * line;
}

static size_t larger (size_t a, size_t b) { return a > b ? a : b; }

static size_t product_scratch (size_t rows, size_t cols) {
  const ptrdiff_t c = (ptrdiff_t)cols,
                  s = (ptrdiff_t)(rows < cols ? rows : cols);
  const size_t side = (size_t)s;
  const size_t gram = rows > cols
                          ? mlpi_gemm_scratch(side, side, rows, 1, c, c, 1)
                          : mlpi_gemm_scratch(side, side, cols, c, 1, 1, c);
  const size_t apply = rows > cols
                           ? mlpi_gemm_scratch(rows, cols, side, c, 1, s, 1)
                           : mlpi_gemm_scratch(rows, cols, side, s, 1, c, 1);
  return larger(larger(gram, apply),
                mlpi_gemm_scratch(side, side, side, s, 1, s, 1));
}

static size_t scratch (size_t rows, size_t cols) {
  const size_t side = rows < cols ? rows : cols;
  return (2 * padded(rows * cols) + 2 * padded(side * side)) * sizeof(REAL) +
         product_scratch(rows, cols);
}

static Work work_on (const mlpi_Matrix *m) {
  Work q = { .rt = m->rt,
             .rows = m->rows,
             .cols = m->cols,
             .side = m->rows < m->cols ? m->rows : m->cols,
             .x = m->scratch };
  q.y = q.x + padded(q.rows * q.cols);
  q.a = q.y + padded(q.rows * q.cols);
  q.b = q.a + padded(q.side * q.side);
  q.scratch = q.b + padded(q.side * q.side);
  return q;
}

/* a = x x^T, or x^T x where that is smaller. */
static void gram (const Work *q) {
  const ptrdiff_t c = (ptrdiff_t)q->cols, s = (ptrdiff_t)q->side;
  if (is_tall(q))
    mlpi_gemm(q->rt, q->side, q->side, q->rows, q->x, 1, c, q->x, c, 1, q->a, s,
              q->scratch);
  else
    mlpi_gemm(q->rt, q->side, q->side, q->cols, q->x, c, 1, q->x, 1, c, q->a, s,
              q->scratch);
}

/* y = b x, or x b: b is symmetric. */
static void apply (const Work *q) {
  const ptrdiff_t c = (ptrdiff_t)q->cols, s = (ptrdiff_t)q->side;
  if (is_tall(q))
    mlpi_gemm(q->rt, q->rows, q->cols, q->side, q->x, c, 1, q->b, s, 1, q->y, c,
              q->scratch);
  else
    mlpi_gemm(q->rt, q->rows, q->cols, q->side, q->b, s, 1, q->x, c, 1, q->y, c,
              q->scratch);
}

/* x = A x + (B a + C a^2) x, with a = x x^T */
static void iterate (const Work *q, const double *opt) {
  const REAL A = (REAL)opt[MUON_A], B = (REAL)opt[MUON_B],
             C = (REAL)opt[MUON_C];
  const ptrdiff_t s = (ptrdiff_t)q->side;
  gram(q);
  mlpi_gemm(q->rt, q->side, q->side, q->side, q->a, s, 1, q->a, s, 1, q->b, s,
            q->scratch);
  for (size_t i = 0; i < q->side * q->side; i++)
    q->b[i] = B * q->a[i] + C * q->b[i];
  apply(q);
  for (size_t i = 0; i < q->rows * q->cols; i++)
    q->x[i] = A * q->x[i] + q->y[i];
}

/* x: where to go, as long as 1 over all its elements. PyTorch's m is a mean,
** (1 - momentum) times ours. */
static void follow (const double *opt, size_t n, const REAL *restrict g,
                    REAL *restrict m, REAL *restrict x) {
  const REAL keep = (REAL)opt[MOMENTUM], take = (REAL)(1 - opt[MOMENTUM]);
  const bool torch = is_torch(opt), ahead = opt[NESTEROV] != 0;
  for (size_t i = 0; i < n; i++) {
    m[i] = settled(torch ? m[i] + (g[i] - m[i]) * take : m[i] * keep + g[i]);
    const REAL next = torch ? g[i] + (m[i] - g[i]) * keep : g[i] + keep * m[i];
    x[i] = ahead ? next : m[i];
  }
  const double norm = __builtin_sqrt(mlpi_sum_squares(MLPI_DTYPE, n, x));
  const double by = !torch ? norm + 1e-7 : norm > 1e-7 ? norm : 1e-7;
  for (size_t i = 0; i < n; i++) x[i] /= (REAL)by;
}

/* How long a matrix's step is over the learning rate. */
static double length (const double *opt, size_t inputs, size_t units) {
  if (opt[RMS_RATE] != 0)
    return opt[RMS_RATE] * __builtin_sqrt((double)larger(inputs, units));
  if (!is_torch(opt) || units <= inputs) return 1;
  return __builtin_sqrt((double)units / (double)inputs);
}

static void decay (const double *opt, double rate, size_t n, REAL *w) {
  if (rate != 0)
    mlpi_add_scaled(MLPI_DTYPE, n, -rate * opt[LEARNING_RATE], w, w);
}

static void step_matrix (const double *opt, const mlpi_Matrix *m, uint64_t t) {
  const Work q = work_on(m);
  const size_t n = m->rows * m->cols;
  const REAL lr = (REAL)(opt[LEARNING_RATE] * length(opt, m->rows, m->cols));
  REAL *w = m->w;
  (void)t;
  decay(opt, opt[COMMON + MLPI_WEIGHT_DECAY], n, w);
  follow(opt, n, m->g, m->state, q.x);
  for (int i = 0; i < (int)opt[NS_STEPS]; i++) iterate(&q, opt);
  for (size_t i = 0; i < n; i++) w[i] -= lr * q.x[i];
}

/* Adam. The slots: moments m(n) and, not for matrices, second moments v(n). */
static void step (const double *opt, size_t n, void *w, const void *g,
                  void *state, size_t stride, uint64_t t) {
  REAL *m = state, *v = m + stride, *x = w;
  const REAL *d = g;
  const double fix1 = 1 - mlpi_power(opt[ADAM_BETA_1], t);
  const double root = __builtin_sqrt(1 - mlpi_power(opt[ADAM_BETA_2], t));
  const double eps = is_torch(opt) ? opt[EPSILON] * root : opt[EPSILON];
  const REAL lr = (REAL)(opt[LEARNING_RATE] * opt[ADAM_LR_RATIO] * root / fix1);
  const REAL c1 = (REAL)(1 - opt[ADAM_BETA_1]),
             c2 = (REAL)(1 - opt[ADAM_BETA_2]);
  decay(opt, opt[ADAM_WEIGHT_DECAY], n, x);
  for (size_t i = 0; i < n; i++) {
    m[i] = settled(m[i] + (d[i] - m[i]) * c1);
    v[i] = settled(v[i] + (d[i] * d[i] - v[i]) * c2);
    x[i] -= lr * m[i] / (SQRT(v[i]) + (REAL)eps);
  }
}

const mlp_Optimizer mlp_optimizer_muon = {
  .name = "muon",
  .doc = "Momentum, each matrix of it made nearly orthogonal before the step, "
         "so that all directions of a weight learn alike. Biases, embeddings "
         "and the layers named in exclude_layers (the last one should be) take "
         "steps of adam.",
  .cite = "Jordan et al. 2024, kellerjordan.github.io/posts/muon; Liu et al. "
          "2025, arXiv:2502.16982",
  .options = {
    { "learning_rate", 1e-3, 0, 1e3, "step size" },
    { "adam_beta_1", 0.9, 0, 1, "adam's decay of the first moment" },
    { "adam_beta_2", 0.999, 0, 1, "adam's decay of the second moment" },
    { "adam_weight_decay", 0.004, 0, 1e3,
      "the weight_decay of weights that adam moves" },
    { "epsilon", 1e-7, 0, 1, "keeps adam's division finite" },
    { "exclude_layers", .type = MLP_TEXT,
      .doc = "words with a space between: layers whose name holds one take adam" },
    { "exclude_embeddings", 1, 0, 1, "Embedding takes adam", MLP_BOOLEAN },
    { "muon_a", 3.4445, -1e3, 1e3, "x becomes a x + (b xx' + c (xx')^2) x" },
    { "muon_b", -4.775, -1e3, 1e3, "see muon_a" },
    { "muon_c", 2.0315, -1e3, 1e3, "see muon_a" },
    { "adam_lr_ratio", 1, 0, 1e3, "adam's learning rate over this one" },
    { "momentum", 0.95, 0, 1, "share of the last step kept" },
    { "ns_steps", 5, 0, 100, "iterations of Newton-Schulz", MLP_INTEGER },
    { "nesterov", 1, 0, 1, "look ahead by the momentum", MLP_BOOLEAN },
    { "rms_rate", 0.2, 0, 1e3,
      "a matrix's step is times rms_rate sqrt(its longer side); 0: it is not" },
    MLPI_COMPAT,
    MLPI_COMMON(0.004),
  },
  .slots = slots,
  .step = step,
  .step_matrix = step_matrix,
  .takes_matrix = takes_matrix,
  .scratch = scratch,
  .common = COMMON,
  .per_weight = true,
  .own_decay = true,
};
