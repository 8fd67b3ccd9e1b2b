/*
** solve.c - x with a x = b, by LU with partial pivoting.
*/
#include "op/linear.h"

static void forward (const mlpi_Call *c) {
  size_t n = square_order(c), m = systems_columns(c);
  const REAL *a = linear_input(c, 0), *b = linear_input(c, 1);
  REAL *x = c->out.data, *lu = linear_work(c);
  size_t *row = linear_rows(c);
  ((Verdict *)c->scratch)->matrix = 0;
  memcpy(x, b, mlpi_count(&c->out) * sizeof *x);
  for (size_t i = 0; i < square_count(c); i++, x += n * m)
    if (linear_factor(c, a, i, lu, row))
      mlpi_lu_solve(c->rt, n, m, lu, row, false, x);
    else
      linear_spoil(n * m, x);
}

static mlp_Status verify (const mlpi_Call *c) { return linear_nonsingular(c); }

/* db = a^-T g; da = -db x^T. */
static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  size_t n = square_order(c), m = systems_columns(c), *row = linear_rows(c);
  const REAL *a = linear_input(c, 0), *x = c->out.data;
  REAL *lu = linear_work(c), *ga = gin[0].data;
  REAL *gb = (REAL *)((char *)lu + index_align(n * n * sizeof *lu));
  void *rest = (char *)gb + index_align(n * m * sizeof *gb);
  for (size_t i = 0; i < square_count(c); i++, x += n * m) {
    memcpy(gb, (const REAL *)g->data + i * n * m, n * m * sizeof *gb);
    if (linear_factor(c, a, i, lu, row))
      mlpi_lu_solve(c->rt, n, m, lu, row, true, gb);
    else
      linear_spoil(n * m, gb);
    if (gin[1].data != NULL)
      memcpy((REAL *)gin[1].data + i * n * m, gb, n * m * sizeof *gb);
    if (ga != NULL) linear_outer(c->rt, n, m, gb, x, ga + i * n * n, rest);
  }
}

static size_t scratch (const mlpi_Call *c) {
  size_t n = square_order(c), m = systems_columns(c);
  return linear_scratch(
      c, 1, index_align(n * m * sizeof(REAL)) + linear_gemm_scratch(n, m));
}

const mlpi_Op mlp_op_solve = {
  .name = "solve",
  .doc = "The x of a x = b for a square a.",
  .cite = "Golub & Van Loan 2013, algorithm 3.4.1",
  .min_in = 2,
  .max_in = 2,
  .flags = MLPI_OP_NEEDS_IN | MLPI_OP_NEEDS_OUT,
  .inputs = "a b",
  .shape = systems_check,
  .scratch = scratch,
  .forward = forward,
  .verify = verify,
  .backward = backward,
  .sample = linear_sample_systems,
};
