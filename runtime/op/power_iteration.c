/*
** power_iteration.c - vectors of length 1 between which a matrix w (n, m) is
** the longest, nearly: u (m), then v (n), as one row of m + n numbers. They
** begin at the state 'vector', (1, m).
** attrs.flag: a step of training. attrs.number[0] times v = w u and u = v w,
** each brought to length 1; the vector is u from then on. Otherwise u is the
** vector and v = w u. They are constants: no gradient flows through them.
** Miyato et al. 2018, arXiv:1802.05957, algorithm 1.
** Nothing of x is read: made in each pass, it puts the op there, once.
*/
#include "op/op.h"
#include "tensor/kernel/kernel.h"

#include <string.h>

enum { W, VECTOR, X }; /* inputs */

static mlp_Status shape (mlpi_Call *c) {
  const mlpi_Array *w = &c->in[W], *vector = &c->in[VECTOR];
  mlp_Status s = mlpi_check_real(c, X);
  if (s != MLP_OK) return s;
  if (w->ndim != 2 || vector->ndim != 2 || vector->shape[0] != 1 ||
      vector->shape[1] != w->shape[1]) {
    char a[MLPI_SHAPE_TEXT], b[MLPI_SHAPE_TEXT];
    return mlpi_error(c->rt, MLP_ESHAPE,
                      "power_iteration: expected w (n, m) and vector (1, m), "
                      "got %s and %s",
                      mlpi_shape_text(w->ndim, w->shape, a),
                      mlpi_shape_text(vector->ndim, vector->shape, b));
  }
  const size_t n = w->shape[0] + w->shape[1];
  return mlpi_array_init(c->rt, c->op->name, &c->out, w->dtype, 1, &n);
}

/* To length 1; false: it has none, or no finite one. */
static bool normalize (size_t n, REAL *x) {
  const REAL length = SQRT(mlpi_dot(n, x, x));
  if (!(length > 0)) return false;
  for (size_t i = 0; i < n; i++) x[i] /= length;
  return true;
}

static size_t columns (const mlpi_Call *c) { return c->in[W].shape[1]; }
static size_t rows (const mlpi_Call *c) { return c->in[W].shape[0]; }

/* v = w u, normalized. */
static bool forth (const mlpi_Call *c, const REAL *u, REAL *v) {
  const mlpi_Array *w = &c->in[W];
  const ptrdiff_t m = (ptrdiff_t)columns(c);
  mlpi_gemm(c->rt, 1, rows(c), columns(c), u, m, 1, w->data, w->stride[1],
            w->stride[0], v, (ptrdiff_t)rows(c), c->scratch);
  return normalize(rows(c), v);
}

/* u = v w, normalized. */
static bool back (const mlpi_Call *c, const REAL *v, REAL *u) {
  const mlpi_Array *w = &c->in[W];
  const ptrdiff_t n = (ptrdiff_t)rows(c);
  mlpi_gemm(c->rt, 1, columns(c), rows(c), v, n, 1, w->data, w->stride[0],
            w->stride[1], u, (ptrdiff_t)columns(c), c->scratch);
  return normalize(columns(c), u);
}

/* The vector stays where w leads nowhere, or the products were cut short. */
static void forward (const mlpi_Call *c) {
  REAL *u = c->out.data, *v = u + columns(c);
  const mlpi_Array *state = &c->in[VECTOR];
  REAL *vector = state->data;
  bool moved = c->attrs.flag;
  for (size_t i = 0; i < columns(c); i++)
    u[i] = vector[(ptrdiff_t)i * state->stride[1]];
  if (!c->attrs.flag) {
    normalize(columns(c), u);
    forth(c, u, v);
  }
  for (int k = 0; c->attrs.flag && k < (int)c->attrs.number[0]; k++)
    moved = forth(c, u, v) && back(c, v, u) && moved;
  if (!moved || mlpi_aborted(c->rt)) return;
  for (size_t i = 0; i < columns(c); i++)
    vector[(ptrdiff_t)i * state->stride[1]] = u[i];
}

static size_t scratch (const mlpi_Call *c) {
  const mlpi_Array *w = &c->in[W];
  const size_t n = rows(c), m = columns(c);
  const size_t a =
      mlpi_gemm_scratch(1, n, m, (ptrdiff_t)m, 1, w->stride[1], w->stride[0]);
  const size_t b =
      mlpi_gemm_scratch(1, m, n, (ptrdiff_t)n, 1, w->stride[0], w->stride[1]);
  return a > b ? a : b;
}

static void sample (mlpi_OpSample *s, mlp_Dtype dtype) {
  mlpi_sample_input(s, W, dtype, 2);
  mlpi_sample_input(s, VECTOR, dtype, 2);
  mlpi_sample_input(s, X, dtype, 2);
  s->in[VECTOR].shape[0] = 1;
  s->in[VECTOR].shape[1] = s->in[W].shape[1];
  s->attrs.number[0] = 2;
  s->attrs.flag = mlpi_sample_size(s, 0, 1) == 0;
}

const mlpi_Op mlp_op_power_iteration = {
  .name = "power_iteration",
  .doc = "Vectors u and v, of length 1, of the largest singular value of w, by "
         "power iteration from a vector, which follows.",
  .min_in = 3,
  .max_in = 3,
  .inputs = "w vector x",
  .shape = shape,
  .scratch = scratch,
  .forward = forward,
  .check_min = 0.25,
  .check_max = 3,
  .sample = sample,
};
