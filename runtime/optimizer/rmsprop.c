/*
** rmsprop.c - divide by a running root mean square of the gradient.
** Tieleman & Hinton 2012, lecture 6.5; centered: Graves 2013,
** arXiv:1308.0850. As Keras, with epsilon under the root; PyTorch has it
** beside the root, and the learning rate outside of the momentum.
*/
#include "optimizer/optimizer.h"

/* order of '.options' below */
enum { LEARNING_RATE, RHO, MOMENTUM, EPSILON, CENTERED, COMPAT, COMMON };

static int slots (const double *opt) {
  return 1 + (opt[CENTERED] != 0) + (opt[MOMENTUM] != 0);
}

typedef struct Rates {
  REAL lr, rho, momentum, inside, beside; /* epsilon under, beside the root */
  bool torch;
} Rates;

/* g by the root of its variance about the mean m (NULL: about 0). */
static inline REAL scaled (const Rates *r, REAL g, REAL *v, REAL *m) {
  *v = settled(r->rho * *v + (1 - r->rho) * (g * g));
  REAL d = *v;
  if (m != NULL) {
    *m = settled(r->rho * *m + (1 - r->rho) * g);
    d -= *m * *m;
    if (d < 0) d = 0; /* rounding */
  }
  return g / (SQRT(d + r->inside) + r->beside);
}

static void plain (const Rates *r, size_t n, REAL *restrict w,
                   const REAL *restrict g, REAL *restrict v) {
  const Rates k = *r;
  for (size_t i = 0; i < n; i++) w[i] -= k.lr * scaled(&k, g[i], v + i, NULL);
}

static void general (const Rates *r, size_t n, REAL *restrict w,
                     const REAL *restrict g, REAL *v, REAL *m, REAL *b) {
  for (size_t i = 0; i < n; i++) {
    REAL d = scaled(r, g[i], v + i, m != NULL ? m + i : NULL);
    if (b == NULL) {
      w[i] -= r->lr * d;
    } else if (r->torch) {
      b[i] = settled(r->momentum * b[i] + d);
      w[i] -= r->lr * b[i];
    } else {
      b[i] = settled(r->momentum * b[i] + r->lr * d);
      w[i] -= b[i];
    }
  }
}

/* The slots: mean squares v(n); means m(n) where centered; steps b(n) where
** there is momentum. */
static void step (const double *opt, size_t n, void *w, const void *g,
                  void *state, size_t stride, uint64_t t) {
  const bool torch = opt[COMPAT] == MLPI_TORCH;
  const REAL eps = (REAL)opt[EPSILON];
  const Rates r = { (REAL)opt[LEARNING_RATE], (REAL)opt[RHO],
                    (REAL)opt[MOMENTUM],      torch ? 0 : eps,
                    torch ? eps : 0,          torch };
  REAL *v = state, *m = opt[CENTERED] != 0 ? v + stride : NULL;
  REAL *b = opt[MOMENTUM] != 0 ? (m != NULL ? m : v) + stride : NULL;
  (void)t;
  if (m == NULL && b == NULL)
    plain(&r, n, w, g, v);
  else
    general(&r, n, w, g, v, m, b);
}

const mlp_Optimizer mlp_optimizer_rmsprop = {
  .name = "rmsprop",
  .doc = "v = rho v + (1 - rho) g^2; w -= lr g / sqrt(v + epsilon). centered "
         "subtracts the square of the running mean of g; momentum keeps a "
         "share of the last step.",
  .cite = "Tieleman & Hinton 2012, Neural Networks for Machine Learning 6.5",
  .options = {
    { "learning_rate", 1e-3, 0, 1e3, "step size" },
    { "rho", 0.9, 0, 1, "decay of the mean square" },
    { "momentum", 0, 0, 1, "share of the last step that goes on" },
    { "epsilon", 1e-7, 0, 1, "keeps the division finite" },
    { "centered", 0, 0, 1, "divide by the standard deviation",
      .type = MLP_BOOLEAN },
    MLPI_COMPAT,
    MLPI_COMMON(0),
  },
  .slots = slots,
  .step = step,
  .common = COMMON,
};
