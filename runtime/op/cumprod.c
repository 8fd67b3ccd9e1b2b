/*
** cumprod.c - running products along one axis, in ascending order. The gradient
** divides by nothing, so that zeros are right; it takes n^2 steps.
*/
#include "op/op.h"
#include "tensor/kernel/kernel.h"

static mlp_Status shape (mlpi_Call *c) {
  mlp_Status s = mlpi_check_axis(c, &c->attrs.axis[0], c->in[0].ndim);
  return s != MLP_OK ? s : mlpi_real_as_input(c);
}

static size_t part (const mlpi_Call *c) {
  return (mlpi_count(&c->in[0]) * sizeof(REAL) + 63) / 64 * 64;
}

static size_t scratch (const mlpi_Call *c) { return 3 * part(c); }

static void products (size_t n, const REAL *x, REAL *y) {
  REAL product = 1;
  for (size_t i = 0; i < n; i++) y[i] = product *= x[i];
}

static void forward (const mlpi_Call *c) {
  unsigned mask = 1u << c->attrs.axis[0];
  size_t n = c->out.shape[c->attrs.axis[0]], count = mlpi_count(&c->out);
  const REAL *x = mlpi_pack(&c->in[0], mask, c->scratch);
  REAL *y = (REAL *)((char *)c->scratch + part(c));
  for (size_t i = 0; i < count; i += n) products(n, x + i, y + i);
  mlpi_unpack(y, mask, &c->out);
}

/* gx[i] = sum over k >= i of g[k] times the product of x[0..k] but x[i]. */
static void slopes (size_t n, const REAL *x, const REAL *g, REAL *gx) {
  REAL before = 1;
  for (size_t i = 0; i < n; i++) {
    REAL product = before, sum = 0;
    for (size_t k = i; k < n; k++) {
      if (k > i) product *= x[k];
      sum += g[k] * product;
    }
    gx[i] = sum;
    before *= x[i];
  }
}

static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  unsigned mask = 1u << c->attrs.axis[0];
  size_t n = c->out.shape[c->attrs.axis[0]], count = mlpi_count(g);
  const REAL *x = mlpi_pack(&c->in[0], mask, c->scratch);
  const REAL *gy = mlpi_pack(g, mask, (char *)c->scratch + part(c));
  REAL *gx = (REAL *)((char *)c->scratch + 2 * part(c));
  for (size_t i = 0; i < count; i += n) slopes(n, x + i, gy + i, gx + i);
  mlpi_unpack(gx, mask, &gin[0]);
}

static void sample (mlpi_OpSample *s, mlp_Dtype dtype) {
  mlpi_sample_input(s, 0, dtype, 3);
  s->attrs.n_axis = 1;
  s->attrs.axis[0] = (int64_t)mlpi_sample_size(s, 0, 2);
}

const mlpi_Op mlp_op_cumprod = {
  .name = "cumprod",
  .doc = "Running products along one dimension.",
  .min_in = 1,
  .max_in = 1,
  .flags = MLPI_OP_NEEDS_IN,
  .inputs = "x",
  .shape = shape,
  .scratch = scratch,
  .forward = forward,
  .backward = backward,
  .sample = sample,
};
