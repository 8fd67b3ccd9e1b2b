/*
** adam.c - adaptive moment estimation.
** Kingma & Ba 2015, arXiv:1412.6980, end of section 2: the bias corrections
** folded into the step size ("epsilon hat"), as Keras does.
*/
#include "optimizer/optimizer.h"

enum { LEARNING_RATE, BETA_1, BETA_2, EPSILON }; /* order of '.options' */

static int slots (const double *opt) {
  (void)opt;
  return 2;
}

static void update (REAL lr, REAL c1, REAL c2, REAL eps, size_t n,
                    REAL *restrict w, const REAL *restrict g, REAL *restrict m,
                    REAL *restrict v) {
  for (size_t i = 0; i < n; i++) {
    m[i] = m[i] + (g[i] - m[i]) * c1;
    v[i] = v[i] + (g[i] * g[i] - v[i]) * c2;
    w[i] -= lr * m[i] / (SQRT(v[i]) + eps);
  }
}

/* The slots: first moments m(n), second moments v(n). */
static void step (const double *opt, size_t n, void *w, const void *g,
                  void *state, size_t stride, uint64_t t) {
  REAL *m = state, *v = m + stride;
  const double fix1 = 1 - mlpi_power(opt[BETA_1], t);
  const double fix2 = 1 - mlpi_power(opt[BETA_2], t);
  const double lr = opt[LEARNING_RATE] * __builtin_sqrt(fix2) / fix1;
  update((REAL)lr, (REAL)(1 - opt[BETA_1]), (REAL)(1 - opt[BETA_2]),
         (REAL)opt[EPSILON], n, w, g, m, v);
}

const mlp_Optimizer mlp_optimizer_adam = {
  .name = "adam",
  .doc = "Adaptive moment estimation with bias correction.",
  .cite = "Kingma & Ba 2015, arXiv:1412.6980",
  .options = {
    { "learning_rate", 1e-3, 0, 1e3, "step size" }, /* preset, min, max */
    { "beta_1", 0.9, 0, 1, "decay of the first moment" },
    { "beta_2", 0.999, 0, 1, "decay of the second moment" },
    { "epsilon", 1e-7, 0, 1, "keeps the division finite" },
  },
  .slots = slots,
  .step = step,
};
