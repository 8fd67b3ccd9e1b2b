/*
** lapack.h - decompositions through LAPACK, which is loaded at first use.
** One thread, so that a machine gives the same bits every time; signs are
** chosen by rule. Matrices are row-major float64 without gaps, made of finite
** numbers (who calls has looked). Failures: MLP_ESTATE where the library is
** not there, MLP_ENUMERIC where an iteration did not converge.
*/
#ifndef lapack_h
#define lapack_h

#include "tensor/tensor.h"

/* a (m, n) = q r with k = min(m, n): q (m, k) has orthonormal columns, r (k, n)
** is upper triangular, its diagonal not negative. a is overwritten. */
mlp_Status mlpi_qr (mlp_Runtime *rt, size_t m, size_t n, double *a, double *q,
                    double *r);

/* a (m, n) = u diag(s) v with k = min(m, n): u (m, k), s (k) descending,
** v (k, n). The largest element of each column of u is positive. a is
** overwritten. */
mlp_Status mlpi_svd (mlp_Runtime *rt, size_t m, size_t n, double *a, double *u,
                     double *s, double *v);

/* The symmetric a (n, n) = v diag(w) v^T: w ascending; the largest element of
** each column of v is positive. v replaces a, whose lower triangle is read. */
mlp_Status mlpi_eigh (mlp_Runtime *rt, size_t n, double *a, double *w);

/* x (n, m), of least norm, minimises |a x - b|; a (r, n) and b (r, m) are
** overwritten. Singular values below rcond times the largest count as 0
** (rcond < 0: machine precision); *rank: how many are left. */
mlp_Status mlpi_lstsq (mlp_Runtime *rt, size_t r, size_t n, size_t m, double *a,
                       double *b, double rcond, double *x, size_t *rank);

#endif
