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
static inline void push (REAL rate, REAL mu, REAL *w, REAL g, REAL *v) {
  *v = settled(mu * *v - rate * g);
  *w += *v;
}

static void momentum (REAL rate, REAL mu, size_t n, REAL *restrict w,
                      const REAL *restrict g, REAL *restrict v) {
  for (size_t i = 0; i < n; i++) push(rate, mu, w + i, g[i], v + i);
}

/* v = mu v - lr g; w += mu v - lr g */
static inline void look_ahead (REAL lr, REAL mu, REAL *w, REAL g, REAL *v) {
  *v = settled(mu * *v - lr * g);
  *w += mu * *v - lr * g;
}

static void nesterov (REAL lr, REAL mu, size_t n, REAL *restrict w,
                      const REAL *restrict g, REAL *restrict v) {
  for (size_t i = 0; i < n; i++) look_ahead(lr, mu, w + i, g[i], v + i);
}

/* b = mu b + share g; w -= lr b, or lr (g + mu b): as long as lr stays the
** same, the same as above. */
static inline void push_torch (REAL lr, REAL mu, REAL share, REAL ahead,
                               REAL *w, REAL g, REAL *b) {
  *b = settled(mu * *b + share * g);
  *w -= lr * (ahead != 0 ? g + mu * *b : *b);
}

static void torch (REAL lr, REAL mu, REAL share, REAL ahead, size_t n,
                   REAL *restrict w, const REAL *restrict g, REAL *restrict b) {
  for (size_t i = 0; i < n; i++)
    push_torch(lr, mu, share, ahead, w + i, g[i], b + i);
}

/* Of the gradient, in the velocity of step t. */
static REAL share_of (const double *opt, uint64_t t) {
  return t == 1 ? 1 : (REAL)(1 - opt[DAMPENING]);
}

/* The slot, where there is momentum: velocities v(n). */
static void step (const double *opt, size_t n, void *w, const void *g,
                  void *state, size_t stride, uint64_t t) {
  const REAL lr = (REAL)opt[LEARNING_RATE], mu = (REAL)opt[MOMENTUM];
  const REAL share = share_of(opt, t);
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

/*
** Models abreast
*/

enum { CELL = MLPI_ABREAST };

/* Of each: learning rate, momentum, share of the gradient in the velocity. */
typedef struct Rates {
  REAL lr[CELL], mu[CELL], share[CELL];
} Rates;

static void plain_each (const Rates *restrict k, size_t n, REAL *restrict w,
                        const REAL *restrict g) {
#pragma GCC unroll 4
  for (size_t i = 0; i < n * CELL; i += CELL)
    for (size_t l = 0; l < CELL; l++) w[i + l] -= k->lr[l] * g[i + l];
}

static void momentum_each (const Rates *restrict k, size_t n, REAL *restrict w,
                           const REAL *restrict g, REAL *restrict v) {
  for (size_t i = 0; i < n * CELL; i += CELL)
    for (size_t l = 0; l < CELL; l++)
      push(k->lr[l] * k->share[l], k->mu[l], w + i + l, g[i + l], v + i + l);
}

static void nesterov_each (const Rates *restrict k, size_t n, REAL *restrict w,
                           const REAL *restrict g, REAL *restrict v) {
  for (size_t i = 0; i < n * CELL; i += CELL)
    for (size_t l = 0; l < CELL; l++)
      look_ahead(k->lr[l], k->mu[l], w + i + l, g[i + l], v + i + l);
}

static void torch_each (const Rates *restrict k, REAL ahead, size_t n,
                        REAL *restrict w, const REAL *restrict g,
                        REAL *restrict b) {
  for (size_t i = 0; i < n * CELL; i += CELL)
    for (size_t l = 0; l < CELL; l++)
      push_torch(k->lr[l], k->mu[l], k->share[l], ahead, w + i + l, g[i + l],
                 b + i + l);
}

static void abreast (const mlpi_Steps *s, size_t n, void *w, const void *g,
                     void *state, size_t stride) {
  const double *opt = s->opt[0];
  Rates k;
  (void)stride;
  for (size_t l = 0; l < CELL; l++) {
    k.lr[l] = (REAL)s->opt[l][LEARNING_RATE];
    k.mu[l] = (REAL)s->opt[l][MOMENTUM];
    k.share[l] = share_of(s->opt[l], s->t[l]);
  }
  if (opt[MOMENTUM] == 0)
    plain_each(&k, n, w, g);
  else if (opt[COMPAT] == MLPI_TORCH)
    torch_each(&k, (REAL)opt[NESTEROV], n, w, g, state);
  else if (opt[NESTEROV] == 0)
    momentum_each(&k, n, w, g, state);
  else
    nesterov_each(&k, n, w, g, state);
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
  .abreast = abreast,
  .check = check,
  .common = COMMON,
};
