/*
** lion.c - steps of one size, by the sign of a momentum.
** Chen et al. 2023, arXiv:2302.06675, algorithm 2.
*/
#include "optimizer/optimizer.h"

enum { LEARNING_RATE, BETA_1, BETA_2, COMMON }; /* order of '.options' below */

static int slots (const double *opt) {
  (void)opt;
  return 1;
}

static void update (REAL lr, REAL b1, REAL b2, size_t n, REAL *restrict w,
                    const REAL *restrict g, REAL *restrict m) {
  for (size_t i = 0; i < n; i++) {
    REAL c = m[i] * b1 + g[i] * (1 - b1);
    w[i] -= lr * (REAL)((c > 0) - (c < 0));
    m[i] = settled(m[i] * b2 + g[i] * (1 - b2));
  }
}

/* The slot: momenta m(n). */
static void step (const double *opt, size_t n, void *w, const void *g,
                  void *state, size_t stride, uint64_t t) {
  (void)stride, (void)t;
  update((REAL)opt[LEARNING_RATE], (REAL)opt[BETA_1], (REAL)opt[BETA_2], n, w,
         g, state);
}

const mlp_Optimizer mlp_optimizer_lion = {
  .name = "lion",
  .doc = "w -= lr sign(beta_1 m + (1 - beta_1) g); then m = beta_2 m + "
         "(1 - beta_2) g.",
  .cite = "Chen et al. 2023, arXiv:2302.06675",
  .options = {
    { "learning_rate", 1e-3, 0, 1e3, "step size" },
    { "beta_1", 0.9, 0, 1, "share of the momentum in the sign" },
    { "beta_2", 0.99, 0, 1, "decay of the momentum" },
    MLPI_COMMON(0),
  },
  .slots = slots,
  .step = step,
  .common = COMMON,
};
