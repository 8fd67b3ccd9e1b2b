/*
** linear.h - factorisations and triangular systems that gradients go through:
** ours, so that their bits are the same everywhere (kernel.h). Matrices are
** row-major without gaps.
*/
#ifndef linear_h
#define linear_h

#include "tensor/kernel/kernel.h"

#define mlpi_cholesky   MLPI_NAME(mlpi_cholesky)
#define mlpi_triangular MLPI_NAME(mlpi_triangular)
#define mlpi_lu         MLPI_NAME(mlpi_lu)
#define mlpi_lu_solve   MLPI_NAME(mlpi_lu_solve)

/*
** a (n, n), whose lower triangle is read, becomes L with a = L L^T; zeros
** above the diagonal. Returns 0, or k where the leading minor of order k is
** not positive: rows from k on are then NaN.
*/
size_t mlpi_cholesky (mlp_Runtime *rt, size_t n, REAL *a);

enum { MLPI_UPPER = 1, MLPI_TRANSPOSED = 2, MLPI_UNIT = 4 };

/* x (n, m) becomes the solution of T x = x, or of T^T x = x. T (n, n) is lower
** triangular, or upper; with ones on its diagonal. The rest is not read. */
void mlpi_triangular (mlp_Runtime *rt, size_t n, size_t m, const REAL *t,
                      unsigned how, REAL *x);

/*
** a (n, n) becomes L (below the diagonal, its ones left out) and U of the rows
** of a in another order: step k exchanged rows k and row[k]. Returns 0, or k
** where the k-th pivot is 0 or NaN: a is garbage then.
*/
size_t mlpi_lu (mlp_Runtime *rt, size_t n, REAL *a, size_t *row);

/* x (n, m) becomes the solution of A x = x, or of A^T x = x. */
void mlpi_lu_solve (mlp_Runtime *rt, size_t n, size_t m, const REAL *lu,
                    const size_t *row, bool transposed, REAL *x);

#endif
