/*
** determinant.h - template of det and logdet, by LU with partial pivoting.
** The including file has defined
**   static REAL value (size_t n, const REAL *lu, REAL sign): from the pivots
**   static REAL singular (void): where a pivot is 0
**   static REAL slope (REAL y): the gradient is slope(y) a^-T
*/
#include "op/linear.h"

static mlp_Status shape (mlpi_Call *c) {
  mlp_Status s = square_check(c);
  if (s != MLP_OK) return s;
  return mlpi_array_init(c->rt, c->op->name, &c->out, c->in[0].dtype,
                         c->in[0].ndim - 2, c->in[0].shape);
}

static REAL permutation_sign (size_t n, const size_t *row) {
  REAL sign = 1;
  for (size_t k = 0; k < n; k++)
    if (row[k] != k) sign = -sign;
  return sign;
}

static void forward (const mlpi_Call *c) {
  size_t n = square_order(c), *row = linear_rows(c);
  const REAL *a = linear_input(c, 0);
  REAL *y = c->out.data, *lu = linear_work(c);
  Verdict *v = c->scratch;
  v->matrix = 0;
  for (size_t i = 0; i < square_count(c); i++)
    if (linear_factor(c, a, i, lu, row))
      y[i] = value(n, lu, permutation_sign(n, row));
    else
      y[i] = lu[(v->order - 1) * (n + 1)] == 0 ? singular() : (REAL)NAN;
}

static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  size_t n = square_order(c), *row = linear_rows(c);
  const REAL *a = linear_input(c, 0), *y = c->out.data, *gy = g->data;
  REAL *lu = linear_work(c), *ga = gin[0].data;
  for (size_t i = 0; i < square_count(c); i++, ga += n * n) {
    bool regular = linear_factor(c, a, i, lu, row);
    linear_identity(n, ga);
    if (regular)
      mlpi_lu_solve(c->rt, n, n, lu, row, true, ga);
    else
      linear_spoil(n * n, ga);
    for (size_t k = 0; k < n * n; k++) ga[k] *= gy[i] * slope(y[i]);
  }
}

static size_t scratch (const mlpi_Call *c) { return linear_scratch(c, 1, 0); }

#define DETERMINANT(NAME, DOC)                                                 \
  .name = NAME, .doc = DOC, .cite = "Golub & Van Loan 2013, section 3.4",      \
  .min_in = 1, .max_in = 1, .flags = MLPI_OP_NEEDS_IN | MLPI_OP_NEEDS_OUT,     \
  .inputs = "a", .shape = shape, .scratch = scratch, .forward = forward,       \
  .backward = backward, .sample = linear_sample
