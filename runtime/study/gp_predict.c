/*
** gp_predict.c - Gaussian processes: what to expect where. Rasmussen & Williams
** 2006, chapter 2; log EI: Ament et al. 2023, arXiv:2310.20708.
*/
#include "study/gp_inside.h"
#include "study/normal.h"

#include <math.h>
#include <string.h>

static void prepare_rough (mlpi_Gp *gp) {
  gp->nchosen = mlpi_gp_choose(gp, MLPI_GP_ROUGH, gp->chosen);
  for (size_t i = 0; i < gp->nchosen; i++) {
    double *r = gp->rough + i * (i + 1) / 2;
    for (size_t j = 0; j < i; j++)
      r[j] = mlpi_gp_covariance(gp, mlpi_gp_point(gp, gp->chosen[i]),
                                mlpi_gp_point(gp, gp->chosen[j]));
    r[i] = mlpi_gp_variance(gp) + mlpi_gp_noise(gp);
    mlpi_packed_factor(gp->rough, i);
  }
}

/* out = squared distances of x from all points. */
static void all_distances (const mlpi_Gp *gp, const double *x, double *out) {
  const size_t d = gp->d;
  double weights[256];
  for (size_t j = 0; j < d; j++) weights[j] = gp->parameters[gp->group[j]];
  for (size_t i = 0; i < gp->n; i++) {
    const double *p = mlpi_gp_point(gp, i);
    double s = 0;
    for (size_t j = 0; j < d; j++)
      s += weights[j] * (x[j] - p[j]) * (x[j] - p[j]);
    out[i] = s;
  }
}

/* k = covariances of x with all points, slope = their derivatives by the
** squared distances. */
double mlpi_gp_mean (mlpi_Gp *gp, const double *x) {
  const double variance = mlpi_gp_variance(gp);
  double *restrict k = gp->k, *restrict slope = gp->slope;
  all_distances(gp, x, k);
  for (size_t i = 0; i < gp->n; i++) {
    k[i] = variance * mlpi_gp_matern(k[i], &slope[i]);
    slope[i] *= variance;
  }
  return gp->level + mlpi_packed_dot(gp->n, k, gp->alpha);
}

mlp_Status mlpi_gp_prepare (mlpi_Gp *gp) {
  if (gp->ready || gp->n == 0) return MLP_OK;
  mlpi_warp_fit(&gp->warp, gp->real, gp->y, gp->v);
  for (size_t i = 0; i < gp->n; i++) gp->w[i] = mlpi_warp(&gp->warp, gp->y[i]);
  mlpi_packed_forward(gp->n, gp->L, gp->w, gp->alpha);
  gp->level = mlpi_gp_centre(gp->n, gp->L, gp->alpha, gp->k, gp->v);
  mlpi_packed_backward(gp->n, gp->L, gp->alpha);
  prepare_rough(gp);
  gp->best = HUGE_VAL;
  for (size_t i = 0; i < gp->n; i++)
    if (gp->w[i] < gp->best) gp->best = gp->w[i];
  gp->ready = true;
  return MLP_OK;
}

static double deviation (const mlpi_Gp *gp, double explained) {
  const double s2 = mlpi_gp_variance(gp) - explained;
  return sqrt(s2 > 1e-12 ? s2 : 1e-12);
}

void mlpi_gp_predict (mlpi_Gp *gp, const double *x, double *mean, double *sd) {
  double slope;
  *mean = mlpi_unwarp(&gp->warp, mlpi_gp_mean(gp, x), &slope);
  mlpi_packed_forward(gp->n, gp->L, gp->k, gp->v);
  *sd = slope * deviation(gp, mlpi_packed_dot(gp->n, gp->v, gp->v));
}

double mlpi_gp_log_ei_rough (mlpi_Gp *gp, const double *x) {
  const double mean = mlpi_gp_mean(gp, x);
  double few[MLPI_GP_ROUGH];
  for (size_t i = 0; i < gp->nchosen; i++) few[i] = gp->k[gp->chosen[i]];
  mlpi_packed_forward(gp->nchosen, gp->rough, few, gp->v);
  const double sd = deviation(gp, mlpi_packed_dot(gp->nchosen, gp->v, gp->v));
  return mlpi_log_improvement((gp->best - mean) / sd, NULL) + mlpi_ln(sd);
}

/* d/dx of log EI by way of mean and deviation; gp->v holds K^-1 k. */
static void gradient_at (const mlpi_Gp *gp, const double *x, double by_mean,
                         double by_variance, double *gradient) {
  memset(gradient, 0, gp->d * sizeof *gradient);
  for (size_t i = 0; i < gp->n; i++) {
    const double *p = mlpi_gp_point(gp, i);
    const double by_k = by_mean * gp->alpha[i] - 2 * by_variance * gp->v[i];
    const double c = 2 * gp->slope[i] * by_k;
    for (size_t j = 0; j < gp->d; j++)
      gradient[j] += c * gp->parameters[gp->group[j]] * (x[j] - p[j]);
  }
}

double mlpi_gp_log_ei (mlpi_Gp *gp, const double *x, double *gradient) {
  const double mean = mlpi_gp_mean(gp, x);
  mlpi_packed_forward(gp->n, gp->L, gp->k, gp->v);
  const double sd = deviation(gp, mlpi_packed_dot(gp->n, gp->v, gp->v));
  const double z = (gp->best - mean) / sd;
  double by_z;
  const double value = mlpi_log_improvement(z, &by_z) + mlpi_ln(sd);
  if (gradient == NULL) return value;
  mlpi_packed_backward(gp->n, gp->L, gp->v);
  const double by_sd = (1 - z * by_z) / sd;
  gradient_at(gp, x, -by_z / sd, by_sd / (2 * sd), gradient);
  return value;
}
