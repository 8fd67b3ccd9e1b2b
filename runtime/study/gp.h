/*
** gp.h - level 6: a Gaussian process over points in [0, 1]^d, for Bayesian
** search. Less is better. Matern 5/2 kernel with a length of its own for each
** group of coordinates (a hyper-parameter: one coordinate, or one for each
** category), and noise. All of it is a function of the points added so far, in
** their order: no clock, no libm.
*/
#ifndef gp_h
#define gp_h

#include "base/base.h"

enum { MLPI_GP_GROUPS = 64 };

typedef struct mlpi_Gp mlpi_Gp;

/* 'groups' says for each of d coordinates to which group it belongs, from 0. */
mlp_Status mlpi_gp_new (mlp_Runtime *rt, size_t d, const unsigned char *groups,
                        mlpi_Gp **out);
void mlpi_gp_release (mlpi_Gp *gp); /* NULL is fine */

/*
** Add a point x (d) with its value. At set numbers of points (6, 7... 60, 66,
** 72...) the kernel's parameters are fitted anew; far beyond, the oldest of the
** worse points are dropped.
*/
mlp_Status mlpi_gp_add (mlpi_Gp *gp, const double *x, double y);

/* A point whose value is not known: it counts as what the process expects,
** until mlpi_gp_forget removes all of those. */
mlp_Status mlpi_gp_imagine (mlpi_Gp *gp, const double *x);
void mlpi_gp_forget (mlpi_Gp *gp);

/* Get ready to predict: before mlpi_gp_predict and mlpi_gp_log_ei. */
mlp_Status mlpi_gp_prepare (mlpi_Gp *gp);

/* Mean and standard deviation at x, in the units of y. */
void mlpi_gp_predict (mlpi_Gp *gp, const double *x, double *mean, double *sd);

/*
** Logarithm of the expected improvement at x, and its gradient (d) unless
** that is NULL. Exact: n^2 operations; 'rough' takes few of the points into
** account for the deviation, and knows no gradient.
*/
double mlpi_gp_log_ei (mlpi_Gp *gp, const double *x, double *gradient);
double mlpi_gp_log_ei_rough (mlpi_Gp *gp, const double *x);

size_t mlpi_gp_count (const mlpi_Gp *gp);
bool mlpi_gp_knows (const mlpi_Gp *gp, const double *x); /* is it a point? */
const double *mlpi_gp_best (const mlpi_Gp *gp, size_t rank); /* rank from 0 */

/* Weights 1/length^2 of the groups, then variance and noise of the kernel. */
const double *mlpi_gp_parameters (const mlpi_Gp *gp);

#endif
