/*
** inverse.c - the inverse of a square matrix, by LU with partial pivoting.
*/
#include "op/linear.h"

static mlp_Status shape (mlpi_Call *c) {
  mlp_Status s = square_check(c);
  return s != MLP_OK ? s : mlpi_same_as_input(c);
}

static void forward (const mlpi_Call *c) {
  size_t n = square_order(c), *row = linear_rows(c);
  const REAL *a = linear_input(c, 0);
  REAL *x = c->out.data, *lu = linear_work(c);
  ((Verdict *)c->scratch)->matrix = 0;
  for (size_t i = 0; i < square_count(c); i++, x += n * n)
    if (linear_factor(c, a, i, lu, row)) {
      linear_identity(n, x);
      mlpi_lu_solve(c->rt, n, n, lu, row, false, x);
    } else {
      linear_spoil(n * n, x);
    }
}

static mlp_Status verify (const mlpi_Call *c) { return linear_nonsingular(c); }

/* da = -x^T g x^T */
static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  size_t n = square_order(c);
  ptrdiff_t rs = (ptrdiff_t)n;
  REAL *product = linear_work(c);
  void *rest = (char *)product + index_align(n * n * sizeof *product);
  for (size_t i = 0; i < square_count(c); i++) {
    const REAL *x = (const REAL *)c->out.data + i * n * n;
    const REAL *gx = (const REAL *)g->data + i * n * n;
    REAL *ga = (REAL *)gin[0].data + i * n * n;
    mlpi_gemm(c->rt, n, n, n, x, 1, rs, gx, rs, 1, product, rs, rest);
    mlpi_gemm(c->rt, n, n, n, product, rs, 1, x, 1, rs, ga, rs, rest);
    for (size_t k = 0; k < n * n; k++) ga[k] = -ga[k];
  }
}

static size_t scratch (const mlpi_Call *c) {
  size_t n = square_order(c);
  return linear_scratch(c, 1, linear_gemm_scratch(n, n));
}

const mlpi_Op mlp_op_inverse = {
  .name = "inverse",
  .doc = "The inverse of a square matrix; solve is faster and more exact.",
  .cite = "Golub & Van Loan 2013, section 3.4",
  .min_in = 1,
  .max_in = 1,
  .flags = MLPI_OP_NEEDS_OUT,
  .inputs = "a",
  .shape = shape,
  .scratch = scratch,
  .forward = forward,
  .verify = verify,
  .backward = backward,
  .sample = linear_sample,
};
