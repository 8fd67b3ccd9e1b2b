/*
** linear.h - what the ops on square matrices, and on stacks of them, share.
** Scratch: the verdict of the last forward, the packed inputs, room for work.
*/
#ifndef op_linear_h
#define op_linear_h

#include "op/index.h"
#include "tensor/kernel/linear.h"

#include <stdio.h>
#include <string.h>

/* Which matrix (from 1) could not be done, and where; matrix 0: all could. */
typedef struct Verdict {
  size_t matrix, order;
} Verdict;

enum { VERDICT_BYTES = 64 };

/* The last two sizes of in[0] are equal. */
static inline mlp_Status square_check (mlpi_Call *c) {
  char text[MLPI_SHAPE_TEXT];
  const mlpi_Array *a = &c->in[0];
  mlp_Status s = mlpi_check_real(c, 0);
  if (s != MLP_OK) return s;
  if (a->ndim >= 2 && a->shape[a->ndim - 1] == a->shape[a->ndim - 2])
    return MLP_OK;
  return mlpi_error(c->rt, MLP_ESHAPE,
                    "%s: expected a square matrix, got shape %s", c->op->name,
                    mlpi_shape_text(a->ndim, a->shape, text));
}

static inline size_t square_order (const mlpi_Call *c) {
  return c->in[0].shape[c->in[0].ndim - 1];
}

/* Of how many matrices in[0] consists. */
static inline size_t square_count (const mlpi_Call *c) {
  size_t n = 1;
  for (int d = 0; d < c->in[0].ndim - 2; d++) n *= c->in[0].shape[d];
  return n;
}

/* Behind the matrices of in[0] stands one b each: (n, m), or a vector. */
static inline mlp_Status systems_check (mlpi_Call *c) {
  char x[MLPI_SHAPE_TEXT], y[MLPI_SHAPE_TEXT];
  const mlpi_Array *a = &c->in[0], *b = &c->in[1];
  mlp_Status s = square_check(c);
  if (s != MLP_OK) return s;
  bool fits = b->ndim == a->ndim || b->ndim == a->ndim - 1;
  for (int d = 0; d < a->ndim - 1 && fits; d++)
    fits = a->shape[d] == b->shape[d];
  if (fits)
    return mlpi_array_init(c->rt, c->op->name, &c->out, a->dtype, b->ndim,
                           b->shape);
  return mlpi_error(c->rt, MLP_ESHAPE,
                    "%s: expected as many rows of b as a has, got a %s and b "
                    "%s",
                    c->op->name, mlpi_shape_text(a->ndim, a->shape, x),
                    mlpi_shape_text(b->ndim, b->shape, y));
}

/* The columns of one right-hand side. */
static inline size_t systems_columns (const mlpi_Call *c) {
  return c->in[1].ndim < c->in[0].ndim ? 1 : mlpi_row_length(&c->in[1]);
}

/* Bytes for 'matrices' matrices, n row numbers and 'more' behind the inputs. */
static inline size_t linear_scratch (const mlpi_Call *c, size_t matrices,
                                     size_t more) {
  size_t n = square_order(c);
  return VERDICT_BYTES + index_scratch(c) +
         index_align(matrices * n * n * sizeof(REAL)) +
         index_align(n * sizeof(size_t)) + index_align(more) + VERDICT_BYTES;
}

/* Input i without gaps. */
static inline const REAL *linear_input (const mlpi_Call *c, int i) {
  mlpi_Call inner = *c;
  inner.scratch = (char *)c->scratch + VERDICT_BYTES;
  return index_pack(&inner, i);
}

/* Behind the inputs: row numbers, then matrices. */
static inline size_t *linear_rows (const mlpi_Call *c) {
  return (size_t *)((char *)c->scratch + VERDICT_BYTES + index_scratch(c));
}

static inline REAL *linear_work (const mlpi_Call *c) {
  return (REAL *)((char *)linear_rows(c) +
                  index_align(square_order(c) * sizeof(size_t)));
}

/* What gemm wants for products of two square matrices, or of (n, m) ones. */
static inline size_t linear_gemm_scratch (size_t n, size_t m) {
  ptrdiff_t r = (ptrdiff_t)n, k = (ptrdiff_t)m;
  size_t a = mlpi_gemm_scratch(n, n, n, 1, r, r, 1);
  size_t b = mlpi_gemm_scratch(n, n, n, r, 1, 1, r);
  size_t d = mlpi_gemm_scratch(n, n, m, k, 1, 1, k);
  size_t e = mlpi_gemm_scratch(n, n, n, 1, r, 1, r);
  a = a > b ? a : b;
  d = d > e ? d : e;
  return a > d ? a : d;
}

/* A copy of matrix i in 'lu', factored; where that fails, the verdict. */
static inline bool linear_factor (const mlpi_Call *c, const REAL *a, size_t i,
                                  REAL *lu, size_t *row) {
  size_t n = square_order(c);
  Verdict *v = c->scratch;
  memcpy(lu, a + i * n * n, n * n * sizeof *lu);
  size_t order = mlpi_lu(c->rt, n, lu, row);
  if (order != 0 && v->matrix == 0) *v = (Verdict){ i + 1, order };
  return order == 0;
}

static inline void linear_identity (size_t n, REAL *x) {
  memset(x, 0, n * n * sizeof *x);
  for (size_t i = 0; i < n; i++) x[i * (n + 1)] = 1;
}

static inline void linear_spoil (size_t n, REAL *x) {
  for (size_t i = 0; i < n; i++) x[i] = (REAL)NAN;
}

/* x = -left right^T with left and right (n, m). */
static inline void linear_outer (mlp_Runtime *rt, size_t n, size_t m,
                                 const REAL *left, const REAL *right, REAL *x,
                                 void *scratch) {
  ptrdiff_t s = (ptrdiff_t)m;
  mlpi_gemm(rt, n, n, m, left, s, 1, right, 1, s, x, (ptrdiff_t)n, scratch);
  for (size_t k = 0; k < n * n; k++) x[k] = -x[k];
}

/* The first input that holds a number that is not finite is named. */
static inline mlp_Status linear_finite (const mlpi_Call *c) {
  for (int i = 0; i < c->n_in; i++) {
    const REAL *x = linear_input(c, i);
    size_t n = mlpi_count(&c->in[i]);
    for (size_t k = 0; k < n; k++)
      if (x[k] - x[k] != 0)
        return mlpi_error(c->rt, MLP_ENUMERIC,
                          "%s: argument %d: expected finite numbers, got %s at "
                          "element %zu",
                          c->op->name, i + 1, x[k] != x[k] ? "nan" : "inf",
                          k + 1);
  }
  return MLP_OK;
}

/* " 3 of 5" where there are several; 'text' has room for 48. */
static inline const char *linear_which (const mlpi_Call *c, char *text) {
  const Verdict *v = c->scratch;
  text[0] = '\0';
  if (square_count(c) > 1)
    snprintf(text, 48, " %zu of %zu", v->matrix, square_count(c));
  return text;
}

static inline mlp_Status linear_nonsingular (const mlpi_Call *c) {
  char which[48];
  const Verdict *v = c->scratch;
  if (v->matrix == 0) return MLP_OK;
  mlp_Status s = linear_finite(c);
  if (s != MLP_OK) return s;
  return mlpi_error(c->rt, MLP_ENUMERIC,
                    "%s: expected an invertible matrix, got a singular one%s: "
                    "pivot %zu is 0; use lstsq or pinv",
                    c->op->name, linear_which(c, which), v->order);
}

/* .sample: in[0] is a stack of square matrices with a strong diagonal. */
static inline void linear_sample (mlpi_OpSample *s, mlp_Dtype dtype) {
  int ndim = (int)mlpi_sample_size(s, 2, 3);
  mlpi_sample_input(s, 0, dtype, ndim);
  s->in[0].shape[ndim - 1] = s->in[0].shape[ndim - 2];
  s->dominant = true;
}

static inline void linear_sample_systems (mlpi_OpSample *s, mlp_Dtype dtype) {
  linear_sample(s, dtype);
  s->in[1] = s->in[0];
  if (mlpi_sample_size(s, 0, 2) == 0)
    s->in[1].ndim--;
  else
    s->in[1].shape[s->in[1].ndim - 1] = mlpi_sample_size(s, 1, 4);
}

#endif
