/*
** packed.h - level 6: Cholesky factors as packed lower triangles: row i begins
** at i (i + 1) / 2. Sums are eight chains, in a fixed order.
*/
#ifndef packed_h
#define packed_h

#include <stddef.h>

double mlpi_packed_dot (size_t n, const double *a, const double *b);

/* Row i of the factor, in the place of row i of the matrix; the rows above are
** factored already. */
void mlpi_packed_factor (double *L, size_t i);

/* v = L^-1 b, for n rows; v and b may be the same. */
void mlpi_packed_forward (size_t n, const double *L, const double *b,
                          double *v);
/* v = L^-T v */
void mlpi_packed_backward (size_t n, const double *L, double *v);

#endif
