/*
** scatter_add.c - x with src added at indices along one axis, attrs.axis[0]:
** the reverse of take_along, in ascending order of src.
** out[index[i][j]][j] += src[i][j] for the first axis of two.
*/
#include "op/index.h"
#include "tensor/kernel/kernel.h"

static mlp_Status shape (mlpi_Call *c) {
  char a[MLPI_SHAPE_TEXT], b[MLPI_SHAPE_TEXT];
  mlp_Status s = mlpi_check_real(c, 1);
  if (s == MLP_OK) s = mlpi_check_dtype(c, 2, c->in[0].dtype);
  if (s == MLP_OK) s = mlpi_check_along(c);
  if (s != MLP_OK) return s;
  if (!mlpi_same_shape(&c->in[1], &c->in[2]))
    return mlpi_error(c->rt, MLP_ESHAPE,
                      "scatter_add: shapes differ: index is %s, src is %s",
                      mlpi_shape_text(c->in[1].ndim, c->in[1].shape, a),
                      mlpi_shape_text(c->in[2].ndim, c->in[2].shape, b));
  return mlpi_same_as_input(c);
}

static mlp_Status check (mlpi_Call *c) {
  return mlpi_check_indices(c, c->in[0].shape[c->attrs.axis[0]]);
}

/* Where element i of src belongs in out; mlpi_count(out) for nowhere. */
static size_t place (const mlpi_Call *c, const int64_t *index, size_t i) {
  Around x = around(&c->out, c->attrs.axis[0]);
  Around y = around(&c->in[1], c->attrs.axis[0]);
  size_t k = index_from_1(index[i], x.n);
  if (k == x.n) return mlpi_count(&c->out);
  return (i / (y.n * y.inner) * x.n + k) * x.inner + i % y.inner;
}

static void forward (const mlpi_Call *c) {
  size_t n = mlpi_count(&c->in[1]), end = mlpi_count(&c->out);
  const int64_t *index = index_pack(c, 1);
  const REAL *src = index_pack(c, 2);
  REAL *y = c->out.data;
  mlpi_array_copy(&c->in[0], &c->out);
  for (size_t i = 0; i < n; i++) {
    size_t at = place(c, index, i);
    if (at < end) y[at] += src[i];
  }
}

static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  size_t n = mlpi_count(&c->in[1]), end = mlpi_count(&c->out);
  const int64_t *index = index_pack(c, 1);
  const REAL *from = g->data;
  REAL *to = gin[2].data;
  if (gin[0].data != NULL) mlpi_array_copy(g, &gin[0]);
  for (size_t i = 0; i < n && to != NULL; i++) {
    size_t at = place(c, index, i);
    to[i] = at < end ? from[at] : 0;
  }
}

static void sample (mlpi_OpSample *s, mlp_Dtype dtype) {
  mlpi_sample_rows(s, dtype);
  s->in[1].shape[s->in[0].ndim - 1] = 4;
  s->in[2] = s->in[1];
  s->in[1].dtype = MLP_INT64;
  s->attrs.n_axis = 1;
  s->attrs.axis[0] = -1;
  s->limit = (int64_t)mlpi_row_length(&s->in[0]);
}

const mlpi_Op mlp_op_scatter_add = {
  .name = "scatter_add",
  .doc = "x with src added at indices, from 1, along one dimension.",
  .min_in = 3,
  .max_in = 3,
  .flags = MLPI_OP_NEEDS_IN,
  .inputs = "x index src",
  .shape = shape,
  .check = check,
  .scratch = index_scratch,
  .forward = forward,
  .backward = backward,
  .sample = sample,
};
