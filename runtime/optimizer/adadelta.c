/*
** adadelta.c - steps in the units of the weights.
** Zeiler 2012, arXiv:1212.5701, algorithm 1.
*/
#include "optimizer/optimizer.h"

/* order of '.options' below */
enum { LEARNING_RATE, RHO, EPSILON, COMPAT, COMMON };

static int slots (const double *opt) {
  (void)opt;
  return 2;
}

static void update (REAL lr, REAL rho, REAL eps, size_t n, REAL *restrict w,
                    const REAL *restrict g, REAL *restrict a,
                    REAL *restrict d) {
  for (size_t i = 0; i < n; i++) {
    a[i] = settled(rho * a[i] + (1 - rho) * (g[i] * g[i]));
    REAL x = SQRT(d[i] + eps) * g[i] / SQRT(a[i] + eps);
    d[i] = settled(rho * d[i] + (1 - rho) * (x * x));
    w[i] -= lr * x;
  }
}

/* The slots: mean squares of gradients a(n), of steps d(n). */
static void step (const double *opt, size_t n, void *w, const void *g,
                  void *state, size_t stride, uint64_t t) {
  REAL *a = state;
  (void)t;
  update((REAL)opt[LEARNING_RATE], (REAL)opt[RHO], (REAL)opt[EPSILON], n, w, g,
         a, a + stride);
}

const mlp_Optimizer mlp_optimizer_adadelta = {
  .name = "adadelta",
  .doc = "w -= lr sqrt(d + epsilon) / sqrt(a + epsilon) g, with a and d the "
         "running means of g^2 and of the squared steps.",
  .cite = "Zeiler 2012, arXiv:1212.5701",
  .options = {
    { "learning_rate", 1e-3, 0, 1e3, "step size; 1 in the paper" },
    { "rho", 0.95, 0, 1, "decay of both means" },
    { "epsilon", 1e-7, 0, 1, "starts the steps" },
    MLPI_COMPAT, /* for weight_decay alone */
    MLPI_COMMON(0),
  },
  .slots = slots,
  .step = step,
  .common = COMMON,
};
