/*
** gp_fit.c - Gaussian processes: the most likely lengths, variance and noise.
** Rasmussen & Williams 2006, chapter 5. The priors over them are Optuna's
** (optuna/_gp/prior.py).
*/
#include "study/bfgs.h"
#include "study/gp_inside.h"

#include <math.h>
#include <string.h>

enum {
  FIT_POINTS = 96, /* that a fit looks at, at most */
  FIT_CALLS = 24,  /* of the likelihood */
  LEAST_LOG = -16, /* of a parameter */
  FEW = 64,        /* points, up to which a fit may have several starts, */
  ELSEWHERE = 3    /* where their number is a multiple of that */
};

double mlpi_gp_centre (size_t n, const double *L, double *a, double *ones,
                       double *b) {
  for (size_t i = 0; i < n; i++) ones[i] = 1;
  mlpi_packed_forward(n, L, ones, b);
  const double level = mlpi_packed_dot(n, a, b) / mlpi_packed_dot(n, b, b);
  for (size_t i = 0; i < n; i++) a[i] -= level * b[i];
  return level;
}

typedef struct Fit {
  mlpi_Gp *gp;
  size_t m, chosen[FIT_POINTS];
  double *L, *inverse; /* packed; (m, m) */
  double y[FIT_POINTS], alpha[FIT_POINTS];
} Fit;

/* inverse = (L L^T)^-1, column by column. */
static void invert (Fit *f) {
  const size_t m = f->m;
  for (size_t c = 0; c < m; c++) {
    double *v = f->inverse + c * m;
    memset(v, 0, m * sizeof *v);
    for (size_t i = c; i < m; i++) {
      const double *r = f->L + i * (i + 1) / 2;
      v[i] = ((i == c) - mlpi_packed_dot(i - c, r + c, v + c)) / r[i];
    }
    mlpi_packed_backward(m, f->L, v);
  }
}

/* Priors over weights (1/length^2), variance and noise, as a loss of their
** logarithms. */
static double prior (const mlpi_Gp *gp, double *gradient) {
  const double *p = gp->parameters;
  double loss = 0;
  for (size_t g = 0; g < gp->groups; g++) {
    loss += 0.1 / p[g] + 0.1 * p[g];
    gradient[g] += -0.1 / p[g] + 0.1 * p[g];
  }
  const double s = mlpi_gp_variance(gp), e = mlpi_gp_noise(gp);
  loss += s - mlpi_ln(s);
  gradient[gp->groups] += s - 1;
  loss += 30 * e - 0.1 * mlpi_ln(e);
  gradient[gp->groups + 1] += 30 * e - 0.1;
  return loss;
}

/* What one pair of points adds to the gradient of the likelihood. */
static void add_pair (const Fit *f, size_t i, size_t j, double weight,
                      double *gradient) {
  const mlpi_Gp *gp = f->gp;
  const double *a = mlpi_gp_point(gp, f->chosen[i]),
               *b = mlpi_gp_point(gp, f->chosen[j]);
  double slope, k = mlpi_gp_matern(mlpi_gp_distance(gp, a, b), &slope);
  gradient[gp->groups] += weight * mlpi_gp_variance(gp) * k;
  for (size_t c = 0; c < gp->d; c++) {
    const double e = a[c] - b[c];
    const unsigned char g = gp->group[c];
    gradient[g] +=
        weight * mlpi_gp_variance(gp) * slope * gp->parameters[g] * e * e;
  }
}

/* Minus the logarithm of the posterior of the parameters' logarithms. */
static double likelihood (void *ud, const double *logs, double *gradient) {
  Fit *f = ud;
  mlpi_Gp *gp = f->gp;
  const size_t m = f->m;
  double loss = 0;
  for (size_t i = 0; i < gp->groups + 2; i++) {
    gp->parameters[i] = mlpi_exp(logs[i]);
    gradient[i] = 0;
  }
  for (size_t i = 0; i < m; i++) {
    double *r = f->L + i * (i + 1) / 2;
    for (size_t j = 0; j < i; j++)
      r[j] = mlpi_gp_covariance(gp, mlpi_gp_point(gp, f->chosen[i]),
                                mlpi_gp_point(gp, f->chosen[j]));
    r[i] = mlpi_gp_variance(gp) + mlpi_gp_noise(gp);
    mlpi_packed_factor(f->L, i);
    loss += mlpi_ln(r[i]);
  }
  mlpi_packed_forward(m, f->L, f->y, f->alpha);
  mlpi_gp_centre(m, f->L, f->alpha, f->inverse, f->inverse + m);
  loss += mlpi_packed_dot(m, f->alpha, f->alpha) / 2;
  mlpi_packed_backward(m, f->L, f->alpha);
  invert(f);
  for (size_t i = 0; i < m; i++) {
    const double own = f->inverse[i * m + i] - f->alpha[i] * f->alpha[i];
    gradient[gp->groups] += own / 2 * mlpi_gp_variance(gp);
    gradient[gp->groups + 1] += own / 2 * mlpi_gp_noise(gp);
    for (size_t j = 0; j < i; j++)
      add_pair(f, i, j, f->inverse[i * m + j] - f->alpha[i] * f->alpha[j],
               gradient);
  }
  return loss + prior(gp, gradient);
}

/* From where the last fit ended; while there are few points, now and then also
** from where lengths are short and there is little noise: the likelihood has
** several hills, and the last fit may stand on a lower one. */
static void search_parameters (Fit *f, double *work) {
  static const double starts[] = { 2, 5 };
  mlpi_Gp *gp = f->gp;
  const size_t n = gp->groups + 2;
  double logs[MLPI_GP_GROUPS + 2], other[MLPI_GP_GROUPS + 2];
  for (size_t i = 0; i < n; i++) logs[i] = mlpi_ln(gp->parameters[i]);
  double best =
      mlpi_bfgs(n, logs, LEAST_LOG, 7, FIT_CALLS, likelihood, f, work);
  const bool again = f->m <= FEW && f->m % ELSEWHERE == 0;
  for (size_t k = 0; k < 2 && again; k++) {
    for (size_t g = 0; g < gp->groups; g++) other[g] = starts[k];
    other[gp->groups] = 0;
    other[gp->groups + 1] = -5;
    double next =
        mlpi_bfgs(n, other, LEAST_LOG, 7, FIT_CALLS, likelihood, f, work);
    if (next >= best) continue;
    best = next;
    memcpy(logs, other, n * sizeof *logs);
  }
  for (size_t i = 0; i < n; i++) gp->parameters[i] = mlpi_exp(logs[i]);
}

mlp_Status mlpi_gp_fit (mlpi_Gp *gp) {
  Fit f = { .gp = gp };
  f.m = mlpi_gp_choose(gp, FIT_POINTS, f.chosen);
  const size_t p = gp->groups + 2, triangle = f.m * (f.m + 1) / 2;
  const size_t bytes = (triangle + f.m * f.m + p * (p + 6)) * sizeof(double);
  double *work = mlpi_alloc(gp->rt, bytes);
  if (work == NULL) return MLP_ENOMEM;
  f.L = work;
  f.inverse = work + triangle;
  mlpi_warp_fit(&gp->warp, gp->real, gp->y, gp->v);
  for (size_t i = 0; i < f.m; i++)
    f.y[i] = mlpi_warp(&gp->warp, gp->y[f.chosen[i]]);
  search_parameters(&f, f.inverse + f.m * f.m);
  mlpi_free(gp->rt, work, bytes);
  return MLP_OK;
}
