/*
** adagrad.c - divide by the root of the sum of all squared gradients.
** Duchi, Hazan & Singer 2011. As Keras, with epsilon under the root; PyTorch
** has it beside the root.
*/
#include "optimizer/optimizer.h"

/* order of '.options' below */
enum { LEARNING_RATE, INITIAL, EPSILON, COMPAT, COMMON };

static int slots (const double *opt) {
  (void)opt;
  return 1;
}

/* first: what the sums start with, so that they may be stored from 0. */
static void update (REAL lr, REAL first, REAL inside, REAL beside, size_t n,
                    REAL *restrict w, const REAL *restrict g,
                    REAL *restrict a) {
  for (size_t i = 0; i < n; i++) {
    a[i] += g[i] * g[i];
    w[i] -= lr * g[i] / (SQRT((a[i] + first) + inside) + beside);
  }
}

/* The slot: sums of squares a(n), without the initial value. */
static void step (const double *opt, size_t n, void *w, const void *g,
                  void *state, size_t stride, uint64_t t) {
  const REAL eps = (REAL)opt[EPSILON];
  const bool torch = opt[COMPAT] == MLPI_TORCH;
  (void)stride, (void)t;
  update((REAL)opt[LEARNING_RATE], (REAL)opt[INITIAL], torch ? 0 : eps,
         torch ? eps : 0, n, w, g, state);
}

const mlp_Optimizer mlp_optimizer_adagrad = {
  .name = "adagrad",
  .doc = "a += g^2; w -= lr g / sqrt(a + epsilon).",
  .cite = "Duchi, Hazan & Singer 2011, JMLR 12",
  .options = {
    { "learning_rate", 1e-3, 0, 1e3, "step size" },
    { "initial_accumulator_value", 0.1, 0, 1e30, "a at first" },
    { "epsilon", 1e-7, 0, 1, "keeps the division finite" },
    MLPI_COMPAT,
    MLPI_COMMON(0),
  },
  .slots = slots,
  .step = step,
  .common = COMMON,
};
