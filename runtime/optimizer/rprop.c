/*
** rprop.c - resilient propagation: the sign of the gradient, and steps that
** grow while it stays and shrink when it turns. For full batches.
** Riedmiller & Braun 1993; without weight backtracking, and with the gradient
** forgotten where it turned (iRprop-, Igel & Huesken 2000), as PyTorch.
*/
#include "optimizer/optimizer.h"

/* order of '.options' below */
enum { LEARNING_RATE, ETA_MINUS, ETA_PLUS, STEP_MIN, STEP_MAX, COMMON };

static int slots (const double *opt) {
  (void)opt;
  return 2;
}

/* s: the step of a weight, 0 before the first one. */
static inline REAL adapted (const double *opt, REAL s, REAL turn) {
  if (s == 0) s = (REAL)opt[LEARNING_RATE];
  if (turn > 0) s *= (REAL)opt[ETA_PLUS];
  if (turn < 0) s *= (REAL)opt[ETA_MINUS];
  s = s > (REAL)opt[STEP_MAX] ? (REAL)opt[STEP_MAX] : s;
  return s < (REAL)opt[STEP_MIN] ? (REAL)opt[STEP_MIN] : s;
}

/* The slots: gradients of the step before last(n), step sizes s(n). */
static void step (const double *opt, size_t n, void *w, const void *g,
                  void *state, size_t stride, uint64_t t) {
  REAL *last = state, *s = last + stride, *x = w;
  const REAL *d = g;
  (void)t;
  for (size_t i = 0; i < n; i++) {
    const REAL turn = d[i] * last[i];
    s[i] = adapted(opt, s[i], turn);
    last[i] = turn < 0 ? 0 : d[i];
    x[i] -= s[i] * (REAL)((last[i] > 0) - (last[i] < 0));
  }
}

const mlp_Optimizer mlp_optimizer_rprop = {
  .name = "rprop",
  .doc = "w -= step sign(g), with a step of its own for each weight: times "
         "eta_plus while the sign stays, times eta_minus when it turns. For "
         "batch_size = 'all'.",
  .cite = "Riedmiller & Braun 1993, ICNN; Igel & Huesken 2000",
  .options = {
    { "learning_rate", 0.01, 0, 1e3, "all steps at first" },
    { "eta_minus", 0.5, 0, 1, "factor of a step where the sign turned" },
    { "eta_plus", 1.2, 1, 1e3, "factor of a step where it stayed" },
    { "step_min", 1e-6, 0, 1e3, "smallest step" },
    { "step_max", 50, 0, 1e30, "largest step" },
    MLPI_COMMON(0),
  },
  .slots = slots,
  .step = step,
  .common = COMMON,
};
