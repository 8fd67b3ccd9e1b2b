/*
** moments.h - the step that Adam and AdamW share.
** Kingma & Ba 2015, arXiv:1412.6980, end of section 2: the bias corrections
** folded into the step size ("epsilon hat"), as Keras does. PyTorch leaves
** epsilon out of that: there it is as if epsilon shrank with the correction.
** AMSGrad (Reddi, Kale & Kumar 2018) divides by the largest v so far.
*/
#ifndef moments_h
#define moments_h

#include "optimizer/optimizer.h"

/* order of '.options' */
enum { LEARNING_RATE, BETA_1, BETA_2, EPSILON, AMSGRAD, COMPAT, COMMON };

#define MOMENTS                                                                \
  { "learning_rate", 1e-3, 0, 1e3, "step size" }, /* preset, min, max */       \
      { "beta_1", 0.9, 0, 1, "decay of the first moment" },                    \
      { "beta_2", 0.999, 0, 1, "decay of the second moment" },                 \
      { "epsilon", 1e-7, 0, 1, "keeps the division finite" },                  \
      { "amsgrad",          0, 0, 1, "divide by the largest second moment",    \
        .type = MLP_BOOLEAN },                                                 \
      MLPI_COMPAT

static int slots (const double *opt) { return opt[AMSGRAD] != 0 ? 3 : 2; }

static void update (REAL lr, REAL c1, REAL c2, REAL eps, size_t n,
                    REAL *restrict w, const REAL *restrict g, REAL *restrict m,
                    REAL *restrict v) {
  for (size_t i = 0; i < n; i++) {
    m[i] = m[i] + (g[i] - m[i]) * c1;
    v[i] = v[i] + (g[i] * g[i] - v[i]) * c2;
    w[i] -= lr * m[i] / (SQRT(v[i]) + eps);
  }
}

static void amsgrad (REAL lr, REAL c1, REAL c2, REAL eps, size_t n,
                     REAL *restrict w, const REAL *restrict g, REAL *restrict m,
                     REAL *restrict v, REAL *restrict most) {
  for (size_t i = 0; i < n; i++) {
    m[i] = m[i] + (g[i] - m[i]) * c1;
    v[i] = v[i] + (g[i] * g[i] - v[i]) * c2;
    most[i] = v[i] > most[i] ? v[i] : most[i];
    w[i] -= lr * m[i] / (SQRT(most[i]) + eps);
  }
}

/* The slots: first moments m(n), second moments v(n), the largest v(n). */
static void step (const double *opt, size_t n, void *w, const void *g,
                  void *state, size_t stride, uint64_t t) {
  REAL *m = state, *v = m + stride;
  const double fix1 = 1 - mlpi_power(opt[BETA_1], t);
  const double root = __builtin_sqrt(1 - mlpi_power(opt[BETA_2], t));
  const REAL lr = (REAL)(opt[LEARNING_RATE] * root / fix1);
  const REAL c1 = (REAL)(1 - opt[BETA_1]), c2 = (REAL)(1 - opt[BETA_2]);
  const bool torch = opt[COMPAT] == MLPI_TORCH;
  const REAL eps = (REAL)(torch ? opt[EPSILON] * root : opt[EPSILON]);
  if (opt[AMSGRAD] != 0)
    amsgrad(lr, c1, c2, eps, n, w, g, m, v, v + stride);
  else
    update(lr, c1, c2, eps, n, w, g, m, v);
}

#endif
