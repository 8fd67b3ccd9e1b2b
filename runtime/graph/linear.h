/*
** linear.h - linear algebra on plain arrays, for C code that has no tensors:
** the ops of those names, in float64, row-major without gaps. Same bits on
** every machine. Failures come with their message: MLP_ENUMERIC for a matrix
** that is not positive definite or is singular (naming the order), MLP_ENOMEM.
*/
#ifndef graph_linear_h
#define graph_linear_h

#include "graph/graph.h"

/* l (n, n), zeros above the diagonal, with a = l l^T. l may be a. */
mlp_Status mlpi_linear_cholesky (mlp_Runtime *rt, size_t n, const double *a,
                                 double *l);

/* x (n, m) with T x = b, or T^T x = b, for a lower triangular T. x may be b. */
mlp_Status mlpi_linear_triangular (mlp_Runtime *rt, size_t n, size_t m,
                                   const double *t, bool transposed,
                                   const double *b, double *x);

/* x (n, m) with l l^T x = b. x may be b. */
mlp_Status mlpi_linear_cholesky_solve (mlp_Runtime *rt, size_t n, size_t m,
                                       const double *l, const double *b,
                                       double *x);

/* x (n, m) with a x = b. x may be b. */
mlp_Status mlpi_linear_solve (mlp_Runtime *rt, size_t n, size_t m,
                              const double *a, const double *b, double *x);

#endif
