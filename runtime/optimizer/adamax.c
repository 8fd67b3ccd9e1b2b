/*
** adamax.c - Adam with the largest gradient in place of the mean square.
** Kingma & Ba 2015, arXiv:1412.6980, section 7.1; epsilon as in Keras, or
** inside the maximum as in PyTorch.
*/
#include "optimizer/optimizer.h"

/* order of '.options' below */
enum { LEARNING_RATE, BETA_1, BETA_2, EPSILON, COMPAT, COMMON };

static int slots (const double *opt) {
  (void)opt;
  return 2;
}

static void update (REAL lr, REAL c1, REAL b2, REAL inside, REAL beside,
                    size_t n, REAL *restrict w, const REAL *restrict g,
                    REAL *restrict m, REAL *restrict u) {
  for (size_t i = 0; i < n; i++) {
    REAL size = FABS(g[i]) + inside, old = settled(b2 * u[i]);
    m[i] = settled(m[i] + (g[i] - m[i]) * c1);
    u[i] = old > size ? old : size;
    w[i] -= lr * m[i] / (u[i] + beside);
  }
}

/* The slots: first moments m(n), largest gradients u(n). */
static void step (const double *opt, size_t n, void *w, const void *g,
                  void *state, size_t stride, uint64_t t) {
  REAL *m = state;
  const REAL eps = (REAL)opt[EPSILON];
  const bool torch = opt[COMPAT] == MLPI_TORCH;
  const double lr = opt[LEARNING_RATE] / (1 - mlpi_power(opt[BETA_1], t));
  update((REAL)lr, (REAL)(1 - opt[BETA_1]), (REAL)opt[BETA_2], torch ? eps : 0,
         torch ? 0 : eps, n, w, g, m, m + stride);
}

const mlp_Optimizer mlp_optimizer_adamax = {
  .name = "adamax",
  .doc = "u = max(beta_2 u, |g|); w -= lr / (1 - beta_1^t) m / (u + epsilon), "
         "with m the running mean of g.",
  .cite = "Kingma & Ba 2015, arXiv:1412.6980, section 7.1",
  .options = {
    { "learning_rate", 1e-3, 0, 1e3, "step size" },
    { "beta_1", 0.9, 0, 1, "decay of the first moment" },
    { "beta_2", 0.999, 0, 1, "decay of the largest gradient" },
    { "epsilon", 1e-7, 0, 1, "keeps the division finite" },
    MLPI_COMPAT,
    MLPI_COMMON(0),
  },
  .slots = slots,
  .step = step,
  .common = COMMON,
};
