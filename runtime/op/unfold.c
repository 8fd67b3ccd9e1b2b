/*
** unfold.c - windows of attrs.axis[1] elements along axis attrs.axis[0], each
** attrs.axis[2] after the one before, as a new last axis: a view.
*/
#include "op/op.h"

#include <string.h>

static mlp_Status refuse (mlpi_Call *c, size_t n) {
  return mlpi_error(c->rt, MLP_EARG,
                    "unfold: expected a size in 1..%zu and a step >= 1, got "
                    "size %lld, step %lld",
                    n, (long long)c->attrs.axis[1],
                    (long long)c->attrs.axis[2]);
}

/* The windows of 'a'. */
static mlpi_Array windows (const mlpi_Call *c, const mlpi_Array *a) {
  const int64_t *at = c->attrs.axis;
  mlpi_Array w = *a;
  w.shape[at[0]] = (a->shape[at[0]] - (size_t)at[1]) / (size_t)at[2] + 1;
  w.stride[at[0]] *= at[2];
  w.shape[w.ndim] = (size_t)at[1];
  w.stride[w.ndim++] = a->stride[at[0]];
  return w;
}

static mlp_Status shape (mlpi_Call *c) {
  const mlpi_Array *a = &c->in[0];
  mlp_Status s = mlpi_check_axis(c, &c->attrs.axis[0], a->ndim);
  if (s != MLP_OK) return s;
  size_t n = a->shape[c->attrs.axis[0]];
  if (a->ndim == MLP_MAXDIM)
    return mlpi_error(c->rt, MLP_ESHAPE,
                      "unfold: expected fewer than %d dimensions", MLP_MAXDIM);
  if (c->attrs.axis[1] < 1 || (uint64_t)c->attrs.axis[1] > n ||
      c->attrs.axis[2] < 1)
    return refuse(c, n);
  c->out = windows(c, a);
  return MLP_OK;
}

/* Windows may overlap: what they bring is added. */
static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  mlpi_Array w = windows(c, &gin[0]);
  const size_t bytes = mlpi_count(&gin[0]) * mlpi_dtype_size(gin[0].dtype);
  if (bytes > 0) memset(gin[0].data, 0, bytes);
  for (size_t i = 0; i < mlpi_count(g); i++)
    mlpi_set(&w, i, mlpi_get(&w, i) + mlpi_get(g, i));
}

static void sample (mlpi_OpSample *s, mlp_Dtype dtype) {
  mlpi_sample_input(s, 0, dtype, 3);
  s->attrs.n_axis = 3;
  s->attrs.axis[0] = (int64_t)mlpi_sample_size(s, 0, 2);
  size_t n = s->in[0].shape[s->attrs.axis[0]];
  s->attrs.axis[1] = (int64_t)mlpi_sample_size(s, 1, n < 1 ? 1 : n);
  s->attrs.axis[2] = (int64_t)mlpi_sample_size(s, 1, 3);
}

const mlpi_Op mlp_op_unfold = {
  .name = "unfold",
  .doc = "Windows along one dimension as a new last one; a view.",
  .min_in = 1,
  .max_in = 1,
  .flags = MLPI_OP_VIEW,
  .inputs = "x",
  .shape = shape,
  .backward = backward,
  .sample = sample,
};
