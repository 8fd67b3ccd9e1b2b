/*
** linear.c - ops on square matrices, applied to plain arrays.
*/
#include "graph/linear.h"

#include <string.h>

static mlpi_Array matrix (size_t rows, size_t cols, const double *x) {
  mlpi_Array a = { .data = (void *)x, .dtype = MLP_FLOAT64, .ndim = 2 };
  a.shape[0] = rows;
  a.shape[1] = cols;
  mlpi_set_strides(&a);
  return a;
}

/* Scratch and result are one allocation: the result goes out at the end. */
static mlp_Status run (mlpi_Call *c, double *out) {
  mlpi_Storage *room;
  mlp_Status s = c->op->shape(c);
  if (s == MLP_OK && c->op->check != NULL) s = c->op->check(c);
  if (s != MLP_OK) return s;
  size_t n = mlpi_count(&c->out) * sizeof(double);
  size_t before = (c->op->scratch(c) + 63) / 64 * 64;
  s = mlpi_storage_new(c->rt, before + n, &room);
  if (s != MLP_OK) return s;
  c->scratch = room->data;
  c->out.data = (char *)room->data + before;
  c->op->forward(c);
  s = c->op->verify(c);
  if (s == MLP_OK && n > 0) memcpy(out, c->out.data, n);
  mlpi_storage_release(room);
  return s;
}

mlp_Status mlpi_linear_cholesky (mlp_Runtime *rt, size_t n, const double *a,
                                 double *l) {
  mlpi_Array in = matrix(n, n, a);
  mlpi_Call c = { .rt = rt, .n_in = 1, .in = &in };
  c.op = mlpi_op(rt, MLP_FLOAT64, "cholesky");
  return run(&c, l);
}

static mlp_Status solve (mlp_Runtime *rt, const char *op, size_t n, size_t m,
                         const double *a, bool transposed, const double *b,
                         double *x) {
  mlpi_Array in[2] = { matrix(n, n, a), matrix(n, m, b) };
  mlpi_Call c = { .rt = rt, .n_in = 2, .in = in };
  c.op = mlpi_op(rt, MLP_FLOAT64, op);
  c.attrs.number[0] = transposed;
  return run(&c, x);
}

mlp_Status mlpi_linear_triangular (mlp_Runtime *rt, size_t n, size_t m,
                                   const double *t, bool transposed,
                                   const double *b, double *x) {
  return solve(rt, "triangular_solve", n, m, t, transposed, b, x);
}

mlp_Status mlpi_linear_cholesky_solve (mlp_Runtime *rt, size_t n, size_t m,
                                       const double *l, const double *b,
                                       double *x) {
  mlp_Status s = mlpi_linear_triangular(rt, n, m, l, false, b, x);
  return s != MLP_OK ? s : mlpi_linear_triangular(rt, n, m, l, true, x, x);
}

mlp_Status mlpi_linear_solve (mlp_Runtime *rt, size_t n, size_t m,
                              const double *a, const double *b, double *x) {
  return solve(rt, "solve", n, m, a, false, b, x);
}
