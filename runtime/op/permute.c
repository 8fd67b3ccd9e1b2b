/*
** permute.c - all axes in a new order: axis i of the result is axis
** attrs.axis[i] of the input.
*/
#include "op/op.h"

static mlp_Status not_a_permutation (mlpi_Call *c) {
  return mlpi_error(c->rt, MLP_EARG,
                    "permute: argument 'dims': expected each of 1..%d once",
                    c->in[0].ndim);
}

static mlp_Status shape (mlpi_Call *c) {
  const mlpi_Array *a = &c->in[0];
  unsigned seen = 0;
  if (c->attrs.n_axis != a->ndim) return not_a_permutation(c);
  c->out = *a;
  for (int i = 0; i < a->ndim; i++) {
    mlp_Status s = mlpi_check_axis(c, &c->attrs.axis[i], a->ndim);
    if (s != MLP_OK) return s;
    if (seen >> c->attrs.axis[i] & 1) return not_a_permutation(c);
    seen |= 1u << c->attrs.axis[i];
    c->out.shape[i] = a->shape[c->attrs.axis[i]];
    c->out.stride[i] = a->stride[c->attrs.axis[i]];
  }
  return MLP_OK;
}

static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  mlpi_Array back = *g;
  for (int i = 0; i < g->ndim; i++) {
    back.shape[c->attrs.axis[i]] = g->shape[i];
    back.stride[c->attrs.axis[i]] = g->stride[i];
  }
  mlpi_array_copy(&back, &gin[0]);
}

static void sample (mlpi_OpSample *s, mlp_Dtype dtype) {
  int64_t first = (int64_t)mlpi_sample_size(s, 0, 2);
  mlpi_sample_input(s, 0, dtype, 3);
  s->attrs.n_axis = 3;
  for (int i = 0; i < 3; i++) s->attrs.axis[i] = (first + 2 * i) % 3;
}

const mlpi_Op mlp_op_permute = {
  .name = "permute",
  .doc = "The dimensions in another order; a view.",
  .min_in = 1,
  .max_in = 1,
  .flags = MLPI_OP_VIEW,
  .inputs = "x",
  .shape = shape,
  .backward = backward,
  .sample = sample,
};
