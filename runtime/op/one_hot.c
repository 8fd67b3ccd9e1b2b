/*
** one_hot.c - a row of attrs.axis[0] columns for each class 1..K: 1 at the
** class, 0 elsewhere; of type attrs.dtype. A class out of range gives NaN.
*/
#include "op/op.h"

#include <math.h>
#include <string.h>

static mlp_Status shape (mlpi_Call *c) {
  const mlpi_Array *a = &c->in[0];
  size_t shape[MLP_MAXDIM + 1];
  mlp_Status s = mlpi_check_dtype(c, 0, MLP_INT64);
  if (s != MLP_OK) return s;
  if (c->attrs.axis[0] < 1 || !mlpi_is_real(c->attrs.dtype))
    return mlpi_error(c->rt, MLP_EARG,
                      "one_hot: expected at least one class and a real type, "
                      "got %lld and %s",
                      (long long)c->attrs.axis[0],
                      mlpi_dtype_name(c->attrs.dtype));
  memcpy(shape, a->shape, sizeof a->shape);
  shape[a->ndim] = (size_t)c->attrs.axis[0];
  return mlpi_array_init(c->rt, c->op->name, &c->out, c->attrs.dtype,
                         a->ndim + 1, shape);
}

static mlp_Status check (mlpi_Call *c) {
  return mlpi_check_classes(c, 0, (size_t)c->attrs.axis[0]);
}

static void forward (const mlpi_Call *c) {
  size_t n = mlpi_count(&c->in[0]), k = (size_t)c->attrs.axis[0];
  if (n > 0) memset(c->out.data, 0, n * k * mlpi_dtype_size(c->out.dtype));
  for (size_t i = 0; i < n; i++) {
    double label = mlpi_get(&c->in[0], i);
    bool ok = label >= 1 && label <= (double)k;
    mlpi_set(&c->out, i * k + (ok ? (size_t)label - 1 : 0), ok ? 1 : NAN);
  }
}

static void sample (mlpi_OpSample *s, mlp_Dtype dtype) {
  mlpi_sample_input(s, 0, MLP_INT64, 2);
  s->attrs.n_axis = 1;
  s->attrs.axis[0] = 3;
  s->attrs.dtype = dtype;
}

const mlpi_Op mlp_op_one_hot = {
  .name = "one_hot",
  .doc = "For each class 1..K a row of zeros with a one.",
  .min_in = 1,
  .max_in = 1,
  .inputs = "labels",
  .shape = shape,
  .check = check,
  .forward = forward,
  .sample = sample,
};
