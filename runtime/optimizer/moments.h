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

static inline void average (REAL c1, REAL c2, REAL g, REAL *m, REAL *v) {
  *m = settled(*m + (g - *m) * c1);
  *v = settled(*v + (g * g - *v) * c2);
}

static inline REAL change (REAL lr, REAL eps, REAL m, REAL v) {
  return lr * m / (SQRT(v) + eps);
}

static void update (REAL lr, REAL c1, REAL c2, REAL eps, size_t n,
                    REAL *restrict w, const REAL *restrict g, REAL *restrict m,
                    REAL *restrict v) {
  for (size_t i = 0; i < n; i++) {
    average(c1, c2, g[i], m + i, v + i);
    w[i] -= change(lr, eps, m[i], v[i]);
  }
}

static void amsgrad (REAL lr, REAL c1, REAL c2, REAL eps, size_t n,
                     REAL *restrict w, const REAL *restrict g, REAL *restrict m,
                     REAL *restrict v, REAL *restrict most) {
  for (size_t i = 0; i < n; i++) {
    average(c1, c2, g[i], m + i, v + i);
    most[i] = v[i] > most[i] ? v[i] : most[i];
    w[i] -= change(lr, eps, m[i], most[i]);
  }
}

/* The bias corrections of step t, and what becomes of the options. */
typedef struct Correction {
  double first, root;
} Correction;

typedef struct Rates {
  REAL lr, c1, c2, eps;
} Rates;

static Correction correction (const double *opt, uint64_t t) {
  return (Correction){ 1 - mlpi_power(opt[BETA_1], t),
                       __builtin_sqrt(1 - mlpi_power(opt[BETA_2], t)) };
}

static Rates rates_of (const double *opt, Correction k) {
  const bool torch = opt[COMPAT] == MLPI_TORCH;
  return (Rates){ (REAL)(opt[LEARNING_RATE] * k.root / k.first),
                  (REAL)(1 - opt[BETA_1]), (REAL)(1 - opt[BETA_2]),
                  (REAL)(torch ? opt[EPSILON] * k.root : opt[EPSILON]) };
}

/* The slots: first moments m(n), second moments v(n), the largest v(n). */
static void step (const double *opt, size_t n, void *w, const void *g,
                  void *state, size_t stride, uint64_t t) {
  REAL *m = state, *v = m + stride;
  const Rates r = rates_of(opt, correction(opt, t));
  if (opt[AMSGRAD] != 0)
    amsgrad(r.lr, r.c1, r.c2, r.eps, n, w, g, m, v, v + stride);
  else
    update(r.lr, r.c1, r.c2, r.eps, n, w, g, m, v);
}

/*
** Models abreast
*/

enum { CELL = MLPI_ABREAST };

typedef struct RatesOfEach {
  REAL lr[CELL], c1[CELL], c2[CELL], eps[CELL];
} RatesOfEach;

static void update_each (const RatesOfEach *restrict k, size_t n,
                         REAL *restrict w, const REAL *restrict g,
                         REAL *restrict m, REAL *restrict v) {
  for (size_t i = 0; i < n * CELL; i += CELL)
    for (size_t l = 0; l < CELL; l++) {
      average(k->c1[l], k->c2[l], g[i + l], m + i + l, v + i + l);
      w[i + l] -= change(k->lr[l], k->eps[l], m[i + l], v[i + l]);
    }
}

static void amsgrad_each (const RatesOfEach *restrict k, size_t n,
                          REAL *restrict w, const REAL *restrict g,
                          REAL *restrict m, REAL *restrict v,
                          REAL *restrict most) {
  for (size_t i = 0; i < n * CELL; i += CELL)
    for (size_t l = 0; l < CELL; l++) {
      average(k->c1[l], k->c2[l], g[i + l], m + i + l, v + i + l);
      most[i + l] = v[i + l] > most[i + l] ? v[i + l] : most[i + l];
      w[i + l] -= change(k->lr[l], k->eps[l], m[i + l], most[i + l]);
    }
}

/* Powers are not taken twice where models are as far and decay as fast. */
static bool same_correction (const mlpi_Steps *s, size_t l) {
  return l > 0 && s->t[l - 1] == s->t[l] &&
         s->opt[l - 1][BETA_1] == s->opt[l][BETA_1] &&
         s->opt[l - 1][BETA_2] == s->opt[l][BETA_2];
}

static void abreast (const mlpi_Steps *s, size_t n, void *w, const void *g,
                     void *state, size_t stride) {
  REAL *m = state, *v = m + stride * CELL;
  Correction now = { 1, 1 };
  RatesOfEach k;
  for (size_t l = 0; l < CELL; l++) {
    if (!same_correction(s, l)) now = correction(s->opt[l], s->t[l]);
    const Rates r = rates_of(s->opt[l], now);
    k.lr[l] = r.lr, k.c1[l] = r.c1, k.c2[l] = r.c2, k.eps[l] = r.eps;
  }
  if (s->opt[0][AMSGRAD] != 0)
    amsgrad_each(&k, n, w, g, m, v, v + stride * CELL);
  else
    update_each(&k, n, w, g, m, v);
}

#endif
