/*
** standardize.c - (x - mean) / sqrt(variance + epsilon), elementwise, where
** mean and variance broadcast to x: the heart of every normalisation.
** attrs.number[0] is epsilon.
*/
#include "op/reduce.h"

enum { X, MEAN, VARIANCE }; /* inputs */

static mlp_Status shape (mlpi_Call *c) {
  mlp_Status s = mlpi_check_real(c, 0);
  for (int i = MEAN; i <= VARIANCE && s == MLP_OK; i++) {
    mlpi_Array pair[2] = { c->in[X], c->in[i] };
    mlpi_Call both = { .rt = c->rt, .op = c->op, .n_in = 2, .in = pair };
    s = mlpi_broadcast_shape(&both);
    if (s == MLP_OK && !mlpi_same_shape(&both.out, &c->in[X])) {
      char a[MLPI_SHAPE_TEXT], b[MLPI_SHAPE_TEXT];
      s = mlpi_error(c->rt, MLP_ESHAPE, "%s: shape %s does not broadcast to %s",
                     c->op->name,
                     mlpi_shape_text(pair[1].ndim, pair[1].shape, a),
                     mlpi_shape_text(pair[0].ndim, pair[0].shape, b));
    }
  }
  return s == MLP_OK ? mlpi_same_as_input(c) : s;
}

static void forward_row (const void *ud, size_t n, char *const *at,
                         const ptrdiff_t *stride) {
  const REAL eps = *(const REAL *)ud;
  const REAL *x = (const REAL *)at[1], *m = (const REAL *)at[2],
             *v = (const REAL *)at[3];
  const ptrdiff_t sx = stride[1], sm = stride[2], sv = stride[3];
  REAL *y = (REAL *)at[0];
  MLPI_IVDEP
  for (ptrdiff_t i = 0; i < (ptrdiff_t)n; i++)
    y[i] = (x[i * sx] - m[i * sm]) / SQRT(v[i * sv] + eps);
}

static void forward (const mlpi_Call *c) {
  const REAL eps = (REAL)c->attrs.number[0];
  mlpi_Array m = mlpi_broadcast_to(&c->in[MEAN], &c->out);
  mlpi_Array v = mlpi_broadcast_to(&c->in[VARIANCE], &c->out);
  const mlpi_Array *arrays[] = { &c->out, &c->in[X], &m, &v };
  mlpi_walk(c->rt, 4, arrays, forward_row, &eps);
}

/* to = g / sqrt(v + epsilon): the slope for x. */
static void slope_x (const void *ud, size_t n, char *const *at,
                     const ptrdiff_t *stride) {
  const REAL eps = *(const REAL *)ud;
  const REAL *g = (const REAL *)at[1], *v = (const REAL *)at[2];
  const ptrdiff_t sv = stride[2];
  REAL *to = (REAL *)at[0];
  MLPI_IVDEP
  for (ptrdiff_t i = 0; i < (ptrdiff_t)n; i++)
    to[i] = g[i] / SQRT(v[i * sv] + eps);
}

static void slope_mean (const void *ud, size_t n, char *const *at,
                        const ptrdiff_t *stride) {
  REAL *to = (REAL *)at[0];
  slope_x(ud, n, at, stride);
  for (size_t i = 0; i < n; i++) to[i] = -to[i];
}

/* to = -g y / (2 (v + epsilon)) */
static void slope_variance (const void *ud, size_t n, char *const *at,
                            const ptrdiff_t *stride) {
  const REAL eps = *(const REAL *)ud;
  const REAL *g = (const REAL *)at[1], *v = (const REAL *)at[2],
             *y = (const REAL *)at[3];
  const ptrdiff_t sv = stride[2];
  REAL *to = (REAL *)at[0];
  MLPI_IVDEP
  for (ptrdiff_t i = 0; i < (ptrdiff_t)n; i++)
    to[i] = R(-0.5) * g[i] * y[i] / (v[i * sv] + eps);
}

static size_t full_bytes (const mlpi_Call *c) {
  return (mlpi_count(&c->out) * sizeof(REAL) + 63) / 64 * 64;
}

static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  static const mlpi_Row slope[] = { slope_x, slope_mean, slope_variance };
  const REAL eps = (REAL)c->attrs.number[0];
  mlpi_Array v = mlpi_broadcast_to(&c->in[VARIANCE], &c->out), full = *g;
  full.data = c->scratch;
  for (int i = X; i <= VARIANCE; i++) {
    if (gin[i].data == NULL) continue;
    const mlpi_Array *arrays[] = { i == X ? &gin[X] : &full, g, &v, &c->out };
    mlpi_walk(c->rt, 4, arrays, slope[i], &eps);
    if (i != X)
      mlpi_sum_to(c->rt, &full, &gin[i], (char *)c->scratch + full_bytes(c));
  }
}

static size_t scratch (const mlpi_Call *c) {
  size_t a = mlpi_sum_to_scratch(&c->out, &c->in[MEAN]);
  size_t b = mlpi_sum_to_scratch(&c->out, &c->in[VARIANCE]);
  return full_bytes(c) + (a > b ? a : b);
}

static void sample (mlpi_OpSample *s, mlp_Dtype dtype) {
  mlpi_sample_input(s, X, dtype, 2);
  s->in[MEAN] = s->in[VARIANCE] = s->in[X];
  size_t kept = mlpi_sample_size(s, 0, 2); /* 2: neither axis is reduced */
  if (kept < 2) s->in[MEAN].shape[kept] = s->in[VARIANCE].shape[kept] = 1;
  s->attrs.number[0] = 0.125;
}

const mlpi_Op mlp_op_standardize = {
  .name = "standardize",
  .doc = "(x - mean) / sqrt(variance + epsilon).",
  .min_in = 3,
  .max_in = 3,
  .flags = MLPI_OP_NEEDS_IN | MLPI_OP_NEEDS_OUT,
  .inputs = "x mean variance",
  .shape = shape,
  .scratch = scratch,
  .forward = forward,
  .backward = backward,
  .check_min = 0.25,
  .check_max = 3,
  .sample = sample,
};
