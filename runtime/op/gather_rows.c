/*
** gather_rows.c - some slices of x along one axis (attrs.axis[0]), picked by a
** vector of indices from 1; the same one may come twice. Its gradient adds up
** in ascending order of the vector.
*/
#include "op/index.h"
#include "tensor/kernel/kernel.h"

#include <string.h>

static mlp_Status shape (mlpi_Call *c) {
  mlpi_Array like = c->in[0];
  char text[MLPI_SHAPE_TEXT];
  mlp_Status s = mlpi_check_axis(c, &c->attrs.axis[0], like.ndim);
  if (s == MLP_OK) s = mlpi_check_dtype(c, 1, MLP_INT64);
  if (s != MLP_OK) return s;
  if (c->in[1].ndim != 1)
    return mlpi_error(c->rt, MLP_ESHAPE,
                      "gather_rows: expected a vector of indices, got %s",
                      mlpi_shape_text(c->in[1].ndim, c->in[1].shape, text));
  like.shape[c->attrs.axis[0]] = c->in[1].shape[0];
  return mlpi_array_init(c->rt, c->op->name, &c->out, like.dtype, like.ndim,
                         like.shape);
}

static mlp_Status check (mlpi_Call *c) {
  return mlpi_check_indices(c, c->in[0].shape[c->attrs.axis[0]]);
}

static void forward (const mlpi_Call *c) {
  Around x = around(&c->in[0], c->attrs.axis[0]);
  size_t m = c->in[1].shape[0], size = mlpi_dtype_size(c->out.dtype);
  size_t bytes = x.inner * size;
  const char *from = index_pack(c, 0);
  const int64_t *index = index_pack(c, 1);
  char *to = c->out.data;
  for (size_t o = 0; o < x.outer; o++)
    for (size_t i = 0; i < m; i++, to += bytes) {
      size_t k = index_from_1(index[i], x.n);
      if (k < x.n)
        memcpy(to, from + (o * x.n + k) * bytes, bytes);
      else
        memset(to, 0xff, bytes); /* NaN */
    }
}

static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  Around x = around(&c->in[0], c->attrs.axis[0]);
  size_t m = c->in[1].shape[0];
  const REAL *from = g->data;
  const int64_t *index = index_pack(c, 1);
  REAL *to = gin[0].data;
  const size_t all = mlpi_count(&gin[0]);
  if (all > 0) memset(to, 0, all * sizeof *to);
  for (size_t o = 0; o < x.outer; o++)
    for (size_t i = 0; i < m; i++, from += x.inner) {
      size_t k = index_from_1(index[i], x.n);
      REAL *row = to + (o * x.n + k) * x.inner;
      for (size_t j = 0; j < x.inner && k < x.n; j++) row[j] += from[j];
    }
}

static void sample (mlpi_OpSample *s, mlp_Dtype dtype) {
  mlpi_sample_input(s, 0, dtype, 3);
  mlpi_sample_input(s, 1, MLP_INT64, 1);
  s->attrs.n_axis = 1;
  s->attrs.axis[0] = (int64_t)mlpi_sample_size(s, 0, 2);
  s->limit = (int64_t)s->in[0].shape[s->attrs.axis[0]];
}

const mlpi_Op mlp_op_gather_rows = {
  .name = "gather_rows",
  .doc = "Slices of x along one dimension, picked by indices from 1.",
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
