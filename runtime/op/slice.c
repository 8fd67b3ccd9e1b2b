/*
** slice.c - every step-th element of ranges: attrs.axis holds (start, stop,
** step) for each of the leading axes, from 0, stop excluded.
*/
#include "op/op.h"

#include <string.h>

static mlp_Status bad_range (mlpi_Call *c, int d) {
  const int64_t *r = c->attrs.axis + 3 * d;
  return mlpi_error(c->rt, MLP_EARG,
                    "slice: dimension %d: expected a range in 1..%zu and a "
                    "step >= 1, got %lld to %lld, step %lld",
                    d + 1, c->in[0].shape[d], (long long)r[0] + 1,
                    (long long)r[1], (long long)r[2]);
}

static mlp_Status shape (mlpi_Call *c) {
  mlpi_Array *out = &c->out;
  char *data = c->in[0].data;
  *out = c->in[0];
  if (c->attrs.n_axis > 3 * out->ndim)
    return mlpi_error(c->rt, MLP_EARG,
                      "slice: expected at most %d ranges, got %d", out->ndim,
                      c->attrs.n_axis / 3);
  for (int d = 0; 3 * d < c->attrs.n_axis; d++) {
    const int64_t *r = c->attrs.axis + 3 * d, n = (int64_t)out->shape[d];
    if (r[0] < 0 || r[0] > n || r[1] > n || r[2] < 1) return bad_range(c, d);
    int64_t count = r[1] <= r[0] ? 0 : (r[1] - r[0] - 1) / r[2] + 1;
    if (data != NULL && count > 0)
      data += r[0] * out->stride[d] * (ptrdiff_t)mlpi_dtype_size(out->dtype);
    out->shape[d] = (size_t)count;
    out->stride[d] *= r[2];
  }
  out->data = data;
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
  s->attrs.n_axis = 6; /* of three axes two have ranges */
  for (int d = 0; d < 2; d++) {
    size_t start = mlpi_sample_size(s, 0, s->in[0].shape[d]);
    size_t stop = mlpi_sample_size(s, 0, s->in[0].shape[d]);
    s->attrs.axis[3 * d] = (int64_t)start;
    s->attrs.axis[3 * d + 1] = (int64_t)stop;
    s->attrs.axis[3 * d + 2] = (int64_t)mlpi_sample_size(s, 1, 3);
  }
}

const mlpi_Op mlp_op_slice = {
  .name = "slice",
  .doc = "Ranges of the leading dimensions; a view.",
  .min_in = 1,
  .max_in = 1,
  .flags = MLPI_OP_VIEW,
  .inputs = "x",
  .shape = shape,
  .backward = backward,
  .sample = sample,
};
