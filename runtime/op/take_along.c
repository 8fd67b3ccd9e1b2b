/*
** take_along.c - x at indices along one axis, attrs.axis[0]: the result has
** the shape of 'index', which agrees with x on the other axes.
** out[i][j] = x[index[i][j]][j] for the first axis of two.
*/
#include "op/index.h"
#include "tensor/kernel/kernel.h"

#include <string.h>

static mlp_Status shape (mlpi_Call *c) {
  mlp_Status s = mlpi_check_along(c);
  if (s != MLP_OK) return s;
  return mlpi_array_init(c->rt, c->op->name, &c->out, c->in[0].dtype,
                         c->in[1].ndim, c->in[1].shape);
}

static mlp_Status check (mlpi_Call *c) {
  return mlpi_check_indices(c, c->in[0].shape[c->attrs.axis[0]]);
}

static void forward (const mlpi_Call *c) {
  Around x = around(&c->in[0], c->attrs.axis[0]);
  Around y = around(&c->out, c->attrs.axis[0]);
  size_t size = mlpi_dtype_size(c->out.dtype), n = mlpi_count(&c->out);
  const char *from = index_pack(c, 0);
  const int64_t *index = index_pack(c, 1);
  char *to = c->out.data;
  for (size_t i = 0; i < n; i++, to += size) {
    size_t k = index_from_1(index[i], x.n);
    size_t at = (i / (y.n * y.inner) * x.n + k) * x.inner + i % y.inner;
    if (k < x.n)
      memcpy(to, from + at * size, size);
    else
      memset(to, 0xff, size); /* NaN */
  }
}

static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  Around x = around(&c->in[0], c->attrs.axis[0]);
  Around y = around(&c->out, c->attrs.axis[0]);
  const REAL *from = g->data;
  const int64_t *index = index_pack(c, 1);
  REAL *to = gin[0].data;
  const size_t all = mlpi_count(&gin[0]);
  if (all > 0) memset(to, 0, all * sizeof *to);
  for (size_t i = 0; i < mlpi_count(g); i++) {
    size_t k = index_from_1(index[i], x.n);
    size_t at = (i / (y.n * y.inner) * x.n + k) * x.inner + i % y.inner;
    if (k < x.n) to[at] += from[i];
  }
}

static void sample (mlpi_OpSample *s, mlp_Dtype dtype) {
  mlpi_sample_rows(s, dtype);
  s->in[1].dtype = MLP_INT64;
  s->attrs.n_axis = 1;
  s->attrs.axis[0] = -1;
  s->limit = (int64_t)mlpi_row_length(&s->in[0]);
  s->in[1].shape[s->in[0].ndim - 1] = 4;
}

const mlpi_Op mlp_op_take_along = {
  .name = "take_along",
  .doc = "Elements of x at indices, from 1, along one dimension.",
  .min_in = 2,
  .max_in = 2,
  .flags = MLPI_OP_NEEDS_IN,
  .inputs = "x index",
  .shape = shape,
  .check = check,
  .scratch = index_scratch,
  .forward = forward,
  .backward = backward,
  .sample = sample,
};
