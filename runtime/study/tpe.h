/*
** tpe.h - tree-structured Parzen estimators.
*/
#ifndef tpe_h
#define tpe_h

#include "base/random.h"
#include "study/acquire.h"

/* Trials as places on the axes: (n, naxes), in the order of their numbers;
** negative: the trial did not have that parameter. */
typedef struct mlpi_TpeGroup {
  size_t n;
  const double *u;
} mlpi_TpeGroup;

/*
** Draw 'candidates' points from the density of the good trials, and put the
** 'count' where it is largest against that of the bad ones into out, best
** first. Bergstra et al. 2011, NIPS 24; the densities are Optuna's, all
** parameters together ("multivariate").
*/
mlp_Status mlpi_tpe (mlp_Runtime *rt, const mlpi_Axis *axes, size_t naxes,
                     mlpi_TpeGroup good, mlpi_TpeGroup bad, size_t candidates,
                     const mlpi_Stream *stream, size_t count, double *out);

#endif
