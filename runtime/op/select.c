/*
** select.c - one index of one axis, which leaves the shape: attrs.axis holds
** the axis and the index, from 0; negative ones count from the end.
*/
#include "op/op.h"

#include <string.h>

static mlp_Status shape (mlpi_Call *c) {
  const mlpi_Array *a = &c->in[0];
  int64_t *axis = &c->attrs.axis[0], *index = &c->attrs.axis[1];
  mlp_Status s = mlpi_check_axis(c, axis, a->ndim);
  if (s != MLP_OK) return s;
  int64_t n = (int64_t)a->shape[*axis];
  if (*index < -n || *index >= n)
    return mlpi_error(c->rt, MLP_EARG,
                      "select: index %lld is out of range [1, %lld] of "
                      "dimension %d",
                      (long long)*index + (*index >= 0), (long long)n,
                      (int)*axis + 1);
  if (*index < 0) *index += n;
  c->out = (mlpi_Array){ .dtype = a->dtype, .data = a->data };
  for (int d = 0; d < a->ndim; d++)
    if (d != *axis) {
      c->out.shape[c->out.ndim] = a->shape[d];
      c->out.stride[c->out.ndim++] = a->stride[d];
    }
  if (a->data != NULL)
    c->out.data = (char *)a->data + *index * a->stride[*axis] *
                                        (ptrdiff_t)mlpi_dtype_size(a->dtype);
  return MLP_OK;
}

static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  mlpi_Call back = *c;
  mlpi_Array whole = gin[0];
  back.in = &whole;
  const size_t bytes = mlpi_count(&whole) * mlpi_dtype_size(whole.dtype);
  if (bytes > 0) memset(whole.data, 0, bytes);
  if (shape(&back) == MLP_OK) mlpi_array_copy(g, &back.out);
}

static void sample (mlpi_OpSample *s, mlp_Dtype dtype) {
  mlpi_sample_input(s, 0, dtype, 3);
  s->attrs.n_axis = 2;
  s->attrs.axis[0] = (int64_t)mlpi_sample_size(s, 0, 2);
  s->attrs.axis[1] = -1;
}

const mlpi_Op mlp_op_select = {
  .name = "select",
  .doc = "One index of one dimension; a view.",
  .min_in = 1,
  .max_in = 1,
  .flags = MLPI_OP_VIEW,
  .inputs = "x",
  .shape = shape,
  .backward = backward,
  .sample = sample,
};
