/*
** scatter.h - what scatter and scatter_add share: x, and src that goes to
** indices, from 1, along one axis of it (attrs.axis[0]).
*/
#ifndef scatter_h
#define scatter_h

#include "op/index.h"
#include "tensor/kernel/kernel.h"

#include <string.h>

static mlp_Status scatter_shape (mlpi_Call *c) {
  char a[MLPI_SHAPE_TEXT], b[MLPI_SHAPE_TEXT];
  mlp_Status s = mlpi_check_real(c, 1);
  if (s == MLP_OK) s = mlpi_check_dtype(c, 2, c->in[0].dtype);
  if (s == MLP_OK) s = mlpi_check_along(c);
  if (s != MLP_OK) return s;
  if (!mlpi_same_shape(&c->in[1], &c->in[2]))
    return mlpi_error(c->rt, MLP_ESHAPE,
                      "%s: shapes differ: index is %s, src is %s", c->op->name,
                      mlpi_shape_text(c->in[1].ndim, c->in[1].shape, a),
                      mlpi_shape_text(c->in[2].ndim, c->in[2].shape, b));
  return mlpi_same_as_input(c);
}

static mlp_Status scatter_check (mlpi_Call *c) {
  return mlpi_check_indices(c, c->in[0].shape[c->attrs.axis[0]]);
}

/* Where element i of src belongs in out; mlpi_count(out) for nowhere. */
static size_t scatter_place (const mlpi_Call *c, const int64_t *index,
                             size_t i) {
  Around x = around(&c->out, c->attrs.axis[0]);
  Around y = around(&c->in[1], c->attrs.axis[0]);
  size_t k = index_from_1(index[i], x.n);
  if (k == x.n) return mlpi_count(&c->out);
  return (i / (y.n * y.inner) * x.n + k) * x.inner + i % y.inner;
}

static void scatter_sample (mlpi_OpSample *s, mlp_Dtype dtype) {
  mlpi_sample_rows(s, dtype);
  s->in[1].shape[s->in[0].ndim - 1] = 4;
  s->in[2] = s->in[1];
  s->in[1].dtype = MLP_INT64;
  s->attrs.n_axis = 1;
  s->attrs.axis[0] = -1;
  s->limit = (int64_t)mlpi_row_length(&s->in[0]);
}

#define SCATTER(NAME, DOC)                                                     \
  .name = NAME, .doc = DOC, .min_in = 3, .max_in = 3,                          \
  .flags = MLPI_OP_NEEDS_IN, .inputs = "x index src", .shape = scatter_shape,  \
  .check = scatter_check, .forward = forward, .backward = backward,            \
  .sample = scatter_sample

#endif
