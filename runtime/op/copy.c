/*
** copy.c - the same elements in row-major order, without gaps.
*/
#include "op/op.h"

static void forward (const mlpi_Call *c) {
  mlpi_array_copy(&c->in[0], &c->out);
}

static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  (void)c;
  mlpi_array_copy(g, &gin[0]);
}

const mlpi_Op mlp_op_copy = {
  .name = "copy",
  .doc = "A copy in row-major order.",
  .min_in = 1,
  .max_in = 1,
  .flags = MLPI_OP_INPLACE,
  .inputs = "x",
  .shape = mlpi_same_as_input,
  .forward = forward,
  .backward = backward,
};
