/*
** transpose.c - swap two axes: attrs.axis.
*/
#include "op/op.h"

static void swap (mlpi_Array *a, int64_t i, int64_t j) {
  size_t n = a->shape[i];
  ptrdiff_t step = a->stride[i];
  a->shape[i] = a->shape[j], a->stride[i] = a->stride[j];
  a->shape[j] = n, a->stride[j] = step;
}

static mlp_Status shape (mlpi_Call *c) {
  int64_t *axis = c->attrs.axis;
  c->out = c->in[0];
  for (int i = 0; i < 2; i++) {
    mlp_Status s = mlpi_check_axis(c, &axis[i], c->out.ndim);
    if (s != MLP_OK) return s;
  }
  swap(&c->out, axis[0], axis[1]);
  return MLP_OK;
}

static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  mlpi_Array back = *g;
  swap(&back, c->attrs.axis[0], c->attrs.axis[1]);
  mlpi_array_copy(&back, &gin[0]);
}

static void sample (mlpi_OpSample *s, mlp_Dtype dtype) {
  mlpi_sample_input(s, 0, dtype, 3);
  s->attrs.n_axis = 2;
  s->attrs.axis[0] = (int64_t)mlpi_sample_size(s, 0, 2);
  s->attrs.axis[1] = -(int64_t)mlpi_sample_size(s, 1, 3);
}

const mlpi_Op mlp_op_transpose = {
  .name = "transpose",
  .doc = "Two dimensions swapped; a view.",
  .min_in = 1,
  .max_in = 1,
  .flags = MLPI_OP_VIEW,
  .inputs = "x",
  .shape = shape,
  .backward = backward,
  .sample = sample,
};
