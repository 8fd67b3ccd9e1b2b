/*
** logical_not.c - 1 where a mask is 0.
*/
#include "op/op.h"

static mlp_Status shape (mlpi_Call *c) {
  mlp_Status s = mlpi_check_dtype(c, 0, MLP_UINT8);
  return s != MLP_OK ? s : mlpi_same_as_input(c);
}

static void forward_row (const void *ud, size_t n, char *const *at,
                         const ptrdiff_t *stride) {
  uint8_t *y = (uint8_t *)at[0];
  const uint8_t *x = (const uint8_t *)at[1];
  (void)ud;
  for (ptrdiff_t i = 0; i < (ptrdiff_t)n; i++) y[i] = !x[i * stride[1]];
}

static void forward (const mlpi_Call *c) {
  const mlpi_Array *arrays[] = { &c->out, &c->in[0] };
  mlpi_walk(c->rt, 2, arrays, forward_row, NULL);
}

static void sample (mlpi_OpSample *s, mlp_Dtype dtype) {
  mlpi_sample_rows(s, dtype);
  s->in[0].dtype = MLP_UINT8;
}

const mlpi_Op mlp_op_logical_not = {
  .name = "logical_not",
  .doc = "1 where x is 0, else 0.",
  .min_in = 1,
  .max_in = 1,
  .flags = MLPI_OP_INPLACE,
  .inputs = "x",
  .shape = shape,
  .forward = forward,
  .sample = sample,
};
