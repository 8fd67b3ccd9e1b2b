/*
** schedule_free_adamw.c - Adam that averages as it goes, in place of a
** schedule. Defazio et al. 2024, arXiv:2405.15682, as in Keras: the averages
** weigh all steps alike, and models are looked at where gradients are taken.
*/
#include "optimizer/optimizer.h"

#include <string.h>

/* order of '.options' below */
enum { LEARNING_RATE, BETA_1, BETA_2, EPSILON, WARMUP_STEPS, COMMON };

static int slots (const double *opt) {
  (void)opt;
  return 2;
}

static double rate (const double *opt, uint64_t t) {
  const double warm = opt[WARMUP_STEPS];
  return opt[LEARNING_RATE] * ((double)t < warm ? (double)t / warm : 1);
}

static void start (const double *opt, size_t n, const void *w, void *state,
                   size_t stride) {
  (void)opt, (void)stride;
  memcpy(state, w, n * sizeof(REAL));
}

/* The slots: where steps lead z(n), the weights at first; second moments v(n).
** w lies between z and the average x of all z: w = (1 - beta_1) z + beta_1 x.
*/
static void step (const double *opt, size_t n, void *w, const void *g,
                  void *state, size_t stride, uint64_t t) {
  REAL *z = state, *v = z + stride, *y = w;
  const REAL *d = g;
  const REAL lr = (REAL)rate(opt, t), share = (REAL)(1 / (double)t);
  const REAL fix = (REAL)(1 - mlpi_power(opt[BETA_2], t));
  const REAL b = (REAL)opt[BETA_1], c = (REAL)(1 - opt[BETA_1]);
  const REAL c2 = (REAL)(1 - opt[BETA_2]), eps = (REAL)opt[EPSILON];
  for (size_t i = 0; i < n; i++) {
    const REAL x = (y[i] - c * z[i]) / b;
    v[i] = settled(v[i] + (d[i] * d[i] - v[i]) * c2);
    z[i] -= lr * d[i] / (SQRT(v[i] / fix) + eps);
    y[i] = c * z[i] + b * ((1 - share) * x + share * z[i]);
  }
}

const mlp_Optimizer mlp_optimizer_schedule_free_adamw = {
  .name = "schedule_free_adamw",
  .doc = "Adam without a schedule: gradients are taken between where the steps "
         "lead and the mean of where they led. Constant learning rate, no end "
         "to be known before.",
  .cite = "Defazio et al. 2024, arXiv:2405.15682",
  .options = {
    { "learning_rate", 0.0025, 0, 1e3, "step size" },
    { "beta_1", 0.9, 1e-6, 1, "share of the mean in the weights" },
    { "beta_2", 0.999, 0, 1, "decay of the second moment" },
    { "epsilon", 1e-8, 0, 1, "keeps the division finite" },
    { "warmup_steps", 0, 0, 1e9, "steps with a rising rate", MLP_INTEGER },
    MLPI_COMMON(0),
  },
  .slots = slots,
  .start = start,
  .step = step,
  .common = COMMON,
};
