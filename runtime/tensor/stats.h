/*
** stats.h - what the numbers of an array look like: for monitors of training.
*/
#ifndef stats_h
#define stats_h

#include "tensor/tensor.h"

/* Over the n elements that are finite; the others are only counted. */
typedef struct mlpi_Stats {
  size_t n, nonfinite;
  size_t zeros;     /* exactly zero */
  size_t saturated; /* not inside (low, high) */
  double sum, squares, min, max;
} mlpi_Stats;

/*
** One pass over a real array of any strides; with 'from', of the same shape and
** type, over a - from. Sums are taken in double, term i
** in lane i % 16, lanes folded 8, 4, 2, 1: the same bits everywhere.
*/
mlpi_Stats mlpi_array_stats (const mlpi_Array *a, const mlpi_Array *from,
                             double low, double high);

/* Are n elements of float32 or float64 finite? At the speed of memory. */
bool mlpi_all_finite (mlp_Runtime *rt, mlp_Dtype dtype, size_t n,
                      const void *x);

double mlpi_stats_mean (const mlpi_Stats *s);
double mlpi_stats_deviation (const mlpi_Stats *s); /* over n */
double mlpi_stats_norm (const mlpi_Stats *s);      /* Euclidean */

/* count[0..bins) of the finite elements over bins of equal width from low to
** high (> low); the last one includes high. Others are not counted. */
void mlpi_array_histogram (const mlpi_Array *a, const mlpi_Array *from,
                           double low, double high, int bins, size_t *count);

/* Units (of the last dimension) that are zero in every row, and all. */
size_t mlpi_array_dead_units (const mlpi_Array *a, size_t *units);

#endif
