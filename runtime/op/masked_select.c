/*
** masked_select.c - the elements of x where a mask of its shape is not 0, as a
** vector. How many there are depends on the values.
*/
#include "op/op.h"
#include "tensor/kernel/kernel.h"

static mlp_Status shape (mlpi_Call *c) {
  char a[MLPI_SHAPE_TEXT], b[MLPI_SHAPE_TEXT];
  size_t n = 0;
  mlp_Status s = mlpi_check_dtype(c, 1, MLP_UINT8);
  if (s != MLP_OK) return s;
  if (!mlpi_same_shape(&c->in[0], &c->in[1]))
    return mlpi_error(c->rt, MLP_ESHAPE,
                      "masked_select: shapes differ: x is %s, mask is %s",
                      mlpi_shape_text(c->in[0].ndim, c->in[0].shape, a),
                      mlpi_shape_text(c->in[1].ndim, c->in[1].shape, b));
  for (size_t i = 0; i < mlpi_count(&c->in[1]) && c->in[1].data != NULL; i++)
    n += mlpi_get(&c->in[1], i) != 0;
  return mlpi_array_init(c->rt, c->op->name, &c->out, c->in[0].dtype, 1, &n);
}

static void forward (const mlpi_Call *c) {
  size_t n = mlpi_count(&c->in[0]), k = 0;
  for (size_t i = 0; i < n; i++)
    if (mlpi_get(&c->in[1], i) != 0)
      mlpi_set(&c->out, k++, mlpi_get(&c->in[0], i));
}

static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  size_t n = mlpi_count(&c->in[0]), k = 0;
  for (size_t i = 0; i < n; i++) {
    bool chosen = mlpi_get(&c->in[1], i) != 0;
    mlpi_set(&gin[0], i, chosen ? mlpi_get(g, k++) : 0);
  }
}

static void sample (mlpi_OpSample *s, mlp_Dtype dtype) {
  mlpi_sample_rows(s, dtype);
  s->in[1].dtype = MLP_UINT8;
}

const mlpi_Op mlp_op_masked_select = {
  .name = "masked_select",
  .doc = "The elements of x where the mask is not 0, as a vector.",
  .min_in = 2,
  .max_in = 2,
  .flags = MLPI_OP_NEEDS_IN | MLPI_OP_EAGER,
  .inputs = "x mask",
  .shape = shape,
  .forward = forward,
  .backward = backward,
  .sample = sample,
};
