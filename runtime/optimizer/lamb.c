/*
** lamb.c - Adam whose step is as long as the weights, for large batches.
** You et al. 2020, arXiv:1904.00962, algorithm 2, as in Keras: without weight
** decay inside the step.
*/
#include "optimizer/optimizer.h"

/* order of '.options' below */
enum { LEARNING_RATE, BETA_1, BETA_2, EPSILON, COMMON };

static int slots (const double *opt) {
  (void)opt;
  return 2;
}

typedef struct Rates {
  REAL c1, c2, fix1, fix2, eps;
} Rates;

static inline REAL direction (const Rates *r, REAL m, REAL v) {
  return (m / r->fix1) / (SQRT(v / r->fix2) + r->eps);
}

/* The moments; the sum of squares of the direction, in order. */
static double moments (const Rates *r, size_t n, const REAL *restrict g,
                       REAL *restrict m, REAL *restrict v) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) {
    m[i] = settled(m[i] + (g[i] - m[i]) * r->c1);
    v[i] = settled(v[i] + (g[i] * g[i] - v[i]) * r->c2);
    const double d = direction(r, m[i], v[i]);
    sum += d * d;
  }
  return sum;
}

/* The slots: first moments m(n), second moments v(n). */
static void step (const double *opt, size_t n, void *w, const void *g,
                  void *state, size_t stride, uint64_t t) {
  REAL *m = state, *v = m + stride, *x = w;
  const Rates r = { (REAL)(1 - opt[BETA_1]), (REAL)(1 - opt[BETA_2]),
                    (REAL)(1 - mlpi_power(opt[BETA_1], t)),
                    (REAL)(1 - mlpi_power(opt[BETA_2], t)),
                    (REAL)opt[EPSILON] };
  const double length = mlpi_sum_squares(MLPI_DTYPE, n, w);
  const double sum = moments(&r, n, g, m, v);
  const double ratio =
      length > 0 && sum > 0 ? __builtin_sqrt(length) / __builtin_sqrt(sum) : 1;
  const REAL lr = (REAL)(ratio * opt[LEARNING_RATE]);
  for (size_t i = 0; i < n; i++) x[i] -= lr * direction(&r, m[i], v[i]);
}

const mlp_Optimizer mlp_optimizer_lamb = {
  .name = "lamb",
  .doc = "The direction of Adam, times lr, times the norm of the weight over "
         "the norm of the direction.",
  .cite = "You et al. 2020, arXiv:1904.00962",
  .options = {
    { "learning_rate", 1e-3, 0, 1e3, "step as a share of the weight" },
    { "beta_1", 0.9, 0, 1, "decay of the first moment" },
    { "beta_2", 0.999, 0, 1, "decay of the second moment" },
    { "epsilon", 1e-7, 0, 1, "keeps the division finite" },
    MLPI_COMMON(0),
  },
  .slots = slots,
  .step = step,
  .common = COMMON,
  .per_weight = true,
};
