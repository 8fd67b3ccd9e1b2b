/*
** nadam.c - Adam with Nesterov's look ahead.
** Dozat 2016, "Incorporating Nesterov momentum into Adam", with his schedule
** of the momentum, beta_1 (1 - 0.96^t / 2), as in Keras. PyTorch has
** 0.96^(0.004 t) there: momenta that start at half of beta_1 and stay low.
*/
#include "optimizer/optimizer.h"

/* order of '.options' below */
enum { LEARNING_RATE, BETA_1, BETA_2, EPSILON, COMPAT, COMMON };

static int slots (const double *opt) {
  (void)opt;
  return 2;
}

/* 0.96^(0.004), PyTorch's momentum_decay. */
#define TORCH_DECAY 0.9998367253526753

/* The product of the momenta of steps 1 to t, 'pace' being what 0.96 is
** above; 0 where it is so small that 1 minus it rounds to 1. */
static double product (double beta, double pace, uint64_t t) {
  const double nothing = 0x1p-60;
  double r = 1, decay = 0.5;
  for (uint64_t i = 1; i <= t && r > nothing; i++) {
    decay *= pace;
    r *= beta * (1 - decay);
  }
  return r > nothing ? r : 0;
}

static void update (REAL lr, REAL c1, REAL c2, REAL mean, REAL now, REAL fix2,
                    REAL eps, size_t n, REAL *restrict w,
                    const REAL *restrict g, REAL *restrict m,
                    REAL *restrict v) {
  for (size_t i = 0; i < n; i++) {
    m[i] = settled(m[i] + (g[i] - m[i]) * c1);
    v[i] = settled(v[i] + (g[i] * g[i] - v[i]) * c2);
    w[i] -= lr * (mean * m[i] + now * g[i]) / (SQRT(v[i] / fix2) + eps);
  }
}

/* The slots: first moments m(n), second moments v(n). */
static void step (const double *opt, size_t n, void *w, const void *g,
                  void *state, size_t stride, uint64_t t) {
  REAL *m = state;
  const double pace = opt[COMPAT] == MLPI_TORCH ? TORCH_DECAY : 0.96;
  const double b1 = opt[BETA_1], decay = 0.5 * mlpi_power(pace, t);
  const double u = b1 * (1 - decay), next = b1 * (1 - pace * decay);
  const double all = product(b1, pace, t);
  update((REAL)opt[LEARNING_RATE], (REAL)(1 - b1), (REAL)(1 - opt[BETA_2]),
         (REAL)(next / (1 - all * next)), (REAL)((1 - u) / (1 - all)),
         (REAL)(1 - mlpi_power(opt[BETA_2], t)), (REAL)opt[EPSILON], n, w, g, m,
         m + stride);
}

const mlp_Optimizer mlp_optimizer_nadam = {
  .name = "nadam",
  .doc = "Adam that looks ahead: its first moment is a mix of the running mean "
         "and the gradient at hand, weighted by momenta that rise to beta_1.",
  .cite = "Dozat 2016, ICLR workshop",
  .options = {
    { "learning_rate", 1e-3, 0, 1e3, "step size" },
    { "beta_1", 0.9, 0, 1, "decay of the first moment" },
    { "beta_2", 0.999, 0, 1, "decay of the second moment" },
    { "epsilon", 1e-7, 0, 1, "keeps the division finite" },
    MLPI_COMPAT,
    MLPI_COMMON(0),
  },
  .slots = slots,
  .step = step,
  .common = COMMON,
};
