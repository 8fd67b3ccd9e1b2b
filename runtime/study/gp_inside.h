/*
** gp_inside.h - level 6: what the files of the Gaussian process share: gp.c
** (points), gp_fit.c (the kernel's parameters), gp_predict.c (mean, deviation,
** expected improvement).
*/
#ifndef gp_inside_h
#define gp_inside_h

#include "base/fmath.h"
#include "study/decay.h"
#include "study/gp.h"
#include "study/packed.h"
#include "study/warp.h"

#include <math.h>

enum { MLPI_GP_ROUGH = 96 }; /* points for a rough deviation */

struct mlpi_Gp {
  mlp_Runtime *rt;
  size_t d, groups, n, real, size; /* n: with those imagined */
  unsigned char *group;
  double *x, *y, *L; /* (n, d), (n: where imagined, what the process sees);
                     ** packed factor of the covariances */
  double *alpha, *k, *slope, *v, *w; /* (n) each */
  double *rough;                     /* packed factor of some points */
  size_t chosen[MLPI_GP_ROUGH], nchosen;
  double parameters[MLPI_GP_GROUPS + 2];
  mlpi_Warp warp;     /* how it sees y */
  double level, best; /* of what it sees: the mean, the least */
  size_t seen, next_fit;
  bool ready;
};

static inline double mlpi_gp_distance (const mlpi_Gp *gp, const double *a,
                                       const double *b) {
  double s = 0;
  for (size_t i = 0; i < gp->d; i++) {
    const double e = a[i] - b[i];
    s += gp->parameters[gp->group[i]] * e * e;
  }
  return s;
}

/* Matern 5/2 of a squared distance; *slope: its derivative by that. */
static inline double mlpi_gp_matern (double d2, double *slope) {
  const double r = sqrt(5 * d2), e = mlpi_decay(r);
  *slope = -5.0 / 6 * (1 + r) * e;
  return (1 + r + r * r / 3) * e;
}

static inline double mlpi_gp_variance (const mlpi_Gp *gp) {
  return gp->parameters[gp->groups];
}
static inline double mlpi_gp_noise (const mlpi_Gp *gp) {
  return gp->parameters[gp->groups + 1];
}

static inline const double *mlpi_gp_point (const mlpi_Gp *gp, size_t i) {
  return gp->x + i * gp->d;
}

static inline double mlpi_gp_covariance (const mlpi_Gp *gp, const double *a,
                                         const double *b) {
  double slope;
  return mlpi_gp_variance(gp) *
         mlpi_gp_matern(mlpi_gp_distance(gp, a, b), &slope);
}

/* An imagined point is exact: nothing more is to be learned there. */
static inline double mlpi_gp_noise_of (const mlpi_Gp *gp, size_t i) {
  return i < gp->real ? mlpi_gp_noise(gp) : 1e-6 * mlpi_gp_variance(gp);
}

/* Points for something that cannot look at all: half of them the best, half
** the last. How many; they stand in 'chosen'. */
size_t mlpi_gp_choose (const mlpi_Gp *gp, size_t most, size_t *chosen);

/*
** Take the level out of a = L^-1 y, and return it: what generalised least
** squares say, so that many points near each other count little more than one.
** The search stays near the best points; their plain mean would promise too
** much elsewhere. ones, b: room for n.
*/
double mlpi_gp_centre (size_t n, const double *L, double *a, double *ones,
                       double *b);

/* The mean at x, of what the process sees. */
double mlpi_gp_mean (mlpi_Gp *gp, const double *x);

/* The most likely parameters. */
mlp_Status mlpi_gp_fit (mlpi_Gp *gp);

#endif
