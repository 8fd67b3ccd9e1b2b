/*
** sum.c - sums over axes; none listed: over all.
*/
#include "op/reduce.h"

static mlp_Status shape (mlpi_Call *c) {
  mlp_Status s = mlpi_check_real(c, 0);
  return s != MLP_OK ? s : mlpi_reduced_shape(c, c->in[0].dtype);
}

static size_t scratch (const mlpi_Call *c) {
  return mlpi_reduce_scratch(&c->in[0], mlpi_reduced_mask(c));
}

static void forward (const mlpi_Call *c) {
  mlpi_reduce(c->rt, &c->in[0], mlpi_reduced_mask(c), c->out.data, c->scratch);
}

static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  mlpi_Array wide = mlpi_unreduce(c, g);
  mlpi_array_copy(&wide, &gin[0]);
}

const mlpi_Op mlp_op_sum = {
  .name = "sum",
  .doc = "The sum over dimensions, or over all elements; 0 of none.",
  .min_in = 1,
  .max_in = 1,
  .flags = MLPI_OP_ABREAST | MLPI_OP_REDUCES,
  .inputs = "x",
  .shape = shape,
  .scratch = scratch,
  .forward = forward,
  .backward = backward,
  .sample = mlpi_sample_axes,
};
