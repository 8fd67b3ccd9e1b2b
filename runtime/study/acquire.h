/*
** acquire.h - where a Gaussian process expects most improvement.
*/
#ifndef acquire_h
#define acquire_h

#include "base/random.h"
#include "study/gp.h"

/* One hyper-parameter: which coordinates of the process it has. */
typedef struct mlpi_Axis {
  size_t first;     /* coordinate */
  size_t n;         /* values; 0: any number */
  bool categorical; /* n coordinates, one of them 1; else one coordinate */
} mlpi_Axis;

/* x (of the process) of a point u, where u[i] in [0, 1) is the place on axis i:
** a value of a discrete one stands in the middle of its share. */
void mlpi_axes_encode (const mlpi_Axis *axes, size_t naxes, const double *u,
                       double *x);

/*
** The best points found, best first: up to 'count' rows of naxes places in
** out; *found says how many. Follows from the process and the stream alone.
** anew: where all axes are discrete, points that the process knows are left
** out.
*/
mlp_Status mlpi_gp_search (mlpi_Gp *gp, mlp_Runtime *rt, const mlpi_Axis *axes,
                           size_t naxes, size_t d, const mlpi_Stream *stream,
                           bool anew, size_t count, double *out, size_t *found);

#endif
