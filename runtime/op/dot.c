/*
** dot.c - the inner product of two vectors of one length.
*/
#include "op/index.h"
#include "tensor/kernel/kernel.h"

static mlp_Status shape (mlpi_Call *c) {
  char text[MLPI_SHAPE_TEXT];
  mlp_Status s = mlpi_equal_shape(c);
  if (s != MLP_OK) return s;
  if (c->out.ndim != 1)
    return mlpi_error(c->rt, MLP_ESHAPE,
                      "dot: expected vectors, got shape %s; use matmul",
                      mlpi_shape_text(c->out.ndim, c->out.shape, text));
  return mlpi_array_init(c->rt, c->op->name, &c->out, c->out.dtype, 0, NULL);
}

static void forward (const mlpi_Call *c) {
  REAL *y = c->out.data;
  *y = mlpi_dot(c->in[0].shape[0], index_pack(c, 0), index_pack(c, 1));
}

static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  const REAL scale = *(const REAL *)g->data;
  for (int i = 0; i < 2; i++) {
    const REAL *other = index_pack(c, 1 - i);
    REAL *to = gin[i].data;
    for (size_t k = 0; k < c->in[0].shape[0] && to != NULL; k++)
      to[k] = scale * other[k];
  }
}

static void sample (mlpi_OpSample *s, mlp_Dtype dtype) {
  mlpi_sample_input(s, 0, dtype, 1);
  s->in[1] = s->in[0];
}

const mlpi_Op mlp_op_dot = {
  .name = "dot",
  .doc = "The inner product of two vectors.",
  .min_in = 2,
  .max_in = 2,
  .flags = MLPI_OP_NEEDS_IN,
  .inputs = "a b",
  .shape = shape,
  .scratch = index_scratch,
  .forward = forward,
  .backward = backward,
  .sample = sample,
};
