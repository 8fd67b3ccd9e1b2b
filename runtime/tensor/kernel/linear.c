/*
** linear.c - Cholesky, LU with partial pivoting, triangular systems.
** Golub & Van Loan, "Matrix Computations", 4th ed. 2013: algorithms 4.2.1
** (by rows), 3.4.1 and 3.1.1 to 3.1.3. Vectors run over the columns of the
** right-hand sides, so that each element is one chain of
** FMAs.
*/
#include "tensor/kernel/linear.h"
#include "tensor/kernel/vbase.h"

static void spoil (size_t n, REAL *x) {
  for (size_t i = 0; i < n; i++) x[i] = (REAL)NAN;
}

size_t mlpi_cholesky (mlp_Runtime *rt, size_t n, REAL *a) {
  for (size_t i = 0; i < n && !mlpi_aborted(rt); i++) {
    REAL *row = a + i * n;
    for (size_t j = 0; j < i; j++)
      row[j] = (row[j] - mlpi_dot(j, row, a + j * n)) / a[j * n + j];
    REAL rest = row[i] - mlpi_dot(i, row, row);
    if (!(rest > 0) || rest - rest != 0) {
      spoil((n - i) * n, row);
      return i + 1;
    }
    row[i] = SQRT(rest);
    for (size_t j = i + 1; j < n; j++) row[j] = 0;
  }
  return 0;
}

/* y -= factor * x */
static void subtract (size_t n, REAL factor, const REAL *restrict x,
                      REAL *restrict y) {
  for (size_t i = 0; i < n; i++) y[i] = FMA(-factor, x[i], y[i]);
}

void mlpi_triangular (mlp_Runtime *rt, size_t n, size_t m, const REAL *t,
                      unsigned how, REAL *x) {
  const bool transposed = (how & MLPI_TRANSPOSED) != 0;
  const bool downwards = ((how & MLPI_UPPER) != 0) == transposed;
  const size_t rs = transposed ? 1 : n, cs = transposed ? n : 1;
  for (size_t k = 0; k < n && !mlpi_aborted(rt); k++) {
    const size_t i = downwards ? k : n - 1 - k;
    REAL *row = x + i * m;
    for (size_t s = 0; s < k; s++) {
      const size_t j = downwards ? s : n - 1 - s;
      subtract(m, t[i * rs + j * cs], x + j * m, row);
    }
    if ((how & MLPI_UNIT) != 0) continue;
    for (size_t c = 0; c < m; c++) row[c] /= t[i * (n + 1)];
  }
}

static void exchange (size_t n, REAL *a, REAL *b) {
  for (size_t i = 0; i < n && a != b; i++) {
    REAL x = a[i];
    a[i] = b[i], b[i] = x;
  }
}

/* The row from k on with the largest element in column k; the first of them. */
static size_t pivot (size_t n, const REAL *a, size_t k) {
  size_t best = k;
  for (size_t i = k + 1; i < n; i++)
    if (FABS(a[i * n + k]) > FABS(a[best * n + k])) best = i;
  return best;
}

size_t mlpi_lu (mlp_Runtime *rt, size_t n, REAL *a, size_t *row) {
  for (size_t k = 0; k < n && !mlpi_aborted(rt); k++) {
    row[k] = pivot(n, a, k);
    exchange(n, a + k * n, a + row[k] * n);
    const REAL p = a[k * n + k];
    if (!(FABS(p) > 0) || p - p != 0) return k + 1;
    for (size_t i = k + 1; i < n; i++) {
      REAL *below = a + i * n;
      below[k] /= p;
      subtract(n - k - 1, below[k], a + k * n + k + 1, below + k + 1);
    }
  }
  return 0;
}

void mlpi_lu_solve (mlp_Runtime *rt, size_t n, size_t m, const REAL *lu,
                    const size_t *row, bool transposed, REAL *x) {
  const unsigned way = transposed ? MLPI_TRANSPOSED : 0;
  if (transposed) {
    mlpi_triangular(rt, n, m, lu, MLPI_UPPER | way, x);
    mlpi_triangular(rt, n, m, lu, MLPI_UNIT | way, x);
    for (size_t k = n; k-- > 0;) exchange(m, x + k * m, x + row[k] * m);
  } else {
    for (size_t k = 0; k < n; k++) exchange(m, x + k * m, x + row[k] * m);
    mlpi_triangular(rt, n, m, lu, MLPI_UNIT, x);
    mlpi_triangular(rt, n, m, lu, MLPI_UPPER, x);
  }
}
