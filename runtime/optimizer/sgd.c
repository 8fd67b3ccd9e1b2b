/*
** sgd.c - stochastic gradient descent, with momentum and Nesterov's form.
** Polyak 1964; Nesterov 1983; in the form of Sutskever et al. 2013, as Keras.
*/
#include "optimizer/optimizer.h"

enum {
  LEARNING_RATE,
  MOMENTUM,
  NESTEROV,
  COMPAT,
  COMMON
}; /* order of '.options' below */

static int slots (const double *opt) { return opt[MOMENTUM] != 0; }

static void plain (REAL lr, size_t n, REAL *restrict w,
                   const REAL *restrict g) {
  for (size_t i = 0; i < n; i++) w[i] -= lr * g[i];
}

/* v = mu v - lr g; w += v */
static void momentum (REAL lr, REAL mu, size_t n, REAL *restrict w,
                      const REAL *restrict g, REAL *restrict v) {
  for (size_t i = 0; i < n; i++) {
    v[i] = mu * v[i] - lr * g[i];
    w[i] += v[i];
  }
}

/* v = mu v - lr g; w += mu v - lr g */
static void nesterov (REAL lr, REAL mu, size_t n, REAL *restrict w,
                      const REAL *restrict g, REAL *restrict v) {
  for (size_t i = 0; i < n; i++) {
    v[i] = mu * v[i] - lr * g[i];
    w[i] += mu * v[i] - lr * g[i];
  }
}

/* b = mu b + g; w -= lr b, or lr (g + mu b): as long as lr stays the same, the
** same as above. */
static void torch (REAL lr, REAL mu, REAL ahead, size_t n, REAL *restrict w,
                   const REAL *restrict g, REAL *restrict b) {
  for (size_t i = 0; i < n; i++) {
    b[i] = mu * b[i] + g[i];
    w[i] -= lr * (ahead != 0 ? g[i] + mu * b[i] : b[i]);
  }
}

/* The slot, where there is momentum: velocities v(n). */
static void step (const double *opt, size_t n, void *w, const void *g,
                  void *state, size_t stride, uint64_t t) {
  const REAL lr = (REAL)opt[LEARNING_RATE], mu = (REAL)opt[MOMENTUM];
  (void)stride, (void)t;
  if (opt[MOMENTUM] == 0)
    plain(lr, n, w, g);
  else if (opt[COMPAT] == MLPI_TORCH)
    torch(lr, mu, (REAL)opt[NESTEROV], n, w, g, state);
  else if (opt[NESTEROV] == 0)
    momentum(lr, mu, n, w, g, state);
  else
    nesterov(lr, mu, n, w, g, state);
}

const mlp_Optimizer mlp_optimizer_sgd = {
  .name = "sgd",
  .doc = "Gradient descent: w -= lr g. With momentum, v = momentum v - lr g "
         "and w += v; with nesterov, w += momentum v - lr g. compat = 'torch' "
         "multiplies the whole velocity by the rate of the step.",
  .cite = "Sutskever, Martens, Dahl & Hinton 2013, ICML",
  .options = {
    { "learning_rate", 0.01, 0, 1e3, "step size" },
    { "momentum", 0, 0, 1, "share of the last step that goes on" },
    { "nesterov", 0, 0, 1, "look ahead", .type = MLP_BOOLEAN },
    MLPI_COMPAT,
    MLPI_COMMON(0),
  },
  .slots = slots,
  .step = step,
  .common = COMMON,
};
