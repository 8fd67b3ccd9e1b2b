/*
** ftrl.c - follow the regularized leader.
** McMahan et al. 2013, "Ad click prediction: a view from the trenches",
** algorithm 1, with the options of Keras.
*/
#include "optimizer/optimizer.h"

/* order of '.options' below */
enum { LEARNING_RATE, POWER, INITIAL, L1, L2, SHRINKAGE, BETA, COMMON };

static int slots (const double *opt) {
  (void)opt;
  return 2;
}

static inline double root (double a, double power) {
  return power == 0.5 ? __builtin_sqrt(a) : mlpi_pow(a, power);
}

/* In double: the difference of two roots loses digits. The slots: sums of
** squares a(n), without the initial value; linear terms z(n). */
static void step (const double *opt, size_t n, void *w, const void *g,
                  void *state, size_t stride, uint64_t t) {
  REAL *a = state, *z = a + stride, *x = w;
  const REAL *d = g;
  const double lr = opt[LEARNING_RATE], power = -opt[POWER], l1 = opt[L1];
  const double l2 = opt[L2] + opt[BETA] / (2 * lr);
  (void)t;
  if (lr == 0) return;
  for (size_t i = 0; i < n; i++) {
    const double old = root(a[i] + opt[INITIAL], power);
    a[i] += d[i] * d[i];
    const double new = root(a[i] + opt[INITIAL], power);
    z[i] += (REAL)(d[i] + 2 * opt[SHRINKAGE] * x[i] - (new - old) / lr * x[i]);
    const double clipped = z[i] > l1 ? l1 : z[i] < -l1 ? -l1 : z[i];
    const double down = new / lr + 2 * l2;
    x[i] = down > 0 ? (REAL)((clipped - z[i]) / down) : 0;
  }
}

const mlp_Optimizer mlp_optimizer_ftrl = {
  .name = "ftrl",
  .doc = "Follow the regularized leader: weights from the sum of all "
         "gradients, kept at 0 by l1. The first step takes them most of the "
         "way to 0.",
  .cite = "McMahan et al. 2013, KDD",
  .options = {
    { "learning_rate", 1e-3, 0, 1e3, "step size" },
    { "learning_rate_power", -0.5, -10, 0, "how the step falls with a" },
    { "initial_accumulator_value", 0.1, 0, 1e30, "a at first" },
    { "l1_regularization_strength", 0, 0, 1e30, "makes weights 0" },
    { "l2_regularization_strength", 0, 0, 1e30, "makes weights small" },
    { "l2_shrinkage_regularization_strength", 0, 0, 1e30,
      "adds 2 times this times w to the gradient" },
    { "beta", 0, 0, 1e30, "the paper's: smooths the first steps" },
    MLPI_COMMON(0),
  },
  .slots = slots,
  .step = step,
  .common = COMMON,
};
