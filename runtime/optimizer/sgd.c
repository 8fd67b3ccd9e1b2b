/*
** sgd.c - stochastic gradient descent, with momentum and Nesterov's form.
** Polyak 1964; Nesterov 1983; in the form of Sutskever et al. 2013, as Keras.
*/
#include "optimizer/optimizer.h"

enum {
  LEARNING_RATE,
  MOMENTUM,
  NESTEROV,
  DAMPENING,
  COMPAT,
  COMMON
}; /* order of '.options' below */

static int slots (const double *opt) { return opt[MOMENTUM] != 0; }

static void plain (REAL lr, size_t n, REAL *restrict w,
                   const REAL *restrict g) {
#pragma GCC unroll 4
  for (size_t i = 0; i < n; i++) w[i] -= lr * g[i];
}

/* v = mu v - rate g; w += v */
static void momentum (REAL rate, REAL mu, size_t n, REAL *restrict w,
                      const REAL *restrict g, REAL *restrict v) {
  for (size_t i = 0; i < n; i++) {
    v[i] = mu * v[i] - rate * g[i];
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

/* b = mu b + share g; w -= lr b, or lr (g + mu b): as long as lr stays the
** same, the same as above. */
static void torch (REAL lr, REAL mu, REAL share, REAL ahead, size_t n,
                   REAL *restrict w, const REAL *restrict g, REAL *restrict b) {
  for (size_t i = 0; i < n; i++) {
    b[i] = mu * b[i] + share * g[i];
    w[i] -= lr * (ahead != 0 ? g[i] + mu * b[i] : b[i]);
  }
}

/* The slot, where there is momentum: velocities v(n). */
static void step (const double *opt, size_t n, void *w, const void *g,
                  void *state, size_t stride, uint64_t t) {
  const REAL lr = (REAL)opt[LEARNING_RATE], mu = (REAL)opt[MOMENTUM];
  const REAL share = t == 1 ? 1 : (REAL)(1 - opt[DAMPENING]);
  (void)stride;
  if (opt[MOMENTUM] == 0)
    plain(lr, n, w, g);
  else if (opt[COMPAT] == MLPI_TORCH)
    torch(lr, mu, share, (REAL)opt[NESTEROV], n, w, g, state);
  else if (opt[NESTEROV] == 0)
    momentum(lr * share, mu, n, w, g, state);
  else
    nesterov(lr, mu, n, w, g, state);
}

static mlp_Status check (const mlp_Object *o) {
  if (o->value[NESTEROV].number == 0 || o->value[DAMPENING].number == 0)
    return MLP_OK;
  return mlpi_error(o->rt, MLP_EARG,
                    "sgd: expected nesterov or dampening, got both");
}

const mlp_Optimizer mlp_optimizer_sgd = {
  .name = "sgd",
  .doc = "Gradient descent: w -= lr g. With momentum, v = momentum v - lr g "
         "and w += v; with nesterov, w += momentum v - lr g. compat = 'torch' "
         "multiplies the whole velocity by the rate of the step. dampening "
         "takes (1 - dampening) g from the second step on, as PyTorch's and "
         "Torch7's do; Torch7's preset for it is the momentum.",
  .cite = "Sutskever, Martens, Dahl & Hinton 2013, ICML",
  .options = {
    { "learning_rate", 0.01, 0, 1e3, "step size" },
    { "momentum", 0, 0, 1, "share of the last step that goes on" },
    { "nesterov", 0, 0, 1, "look ahead", .type = MLP_BOOLEAN },
    { "dampening", 0, 0, 1, "share of the gradient that the velocity leaves out" },
    MLPI_COMPAT,
    MLPI_COMMON(0),
  },
  .slots = slots,
  .step = step,
  .check = check,
  .common = COMMON,
};
