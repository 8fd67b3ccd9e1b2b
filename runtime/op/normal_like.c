/*
** normal_like.c - random normal numbers of x's shape, with mean and standard
** deviation attrs.number[0] and [1].
*/
#include "op/op.h"
#include "tensor/kernel/kernel.h"

static void forward (const mlpi_Call *c) {
  const double mean = c->attrs.number[0], sd = c->attrs.number[1];
  REAL *y = c->out.data;
  size_t n = mlpi_count(&c->out);
  for (size_t i = 0; i < n; i++)
    y[i] = (REAL)(mean + sd * mlpi_normal(&c->attrs.stream, i));
}

static void sample (mlpi_OpSample *s, mlp_Dtype dtype) {
  mlpi_sample_input(s, 0, dtype, 2);
  s->attrs.number[0] = 0.5;
  s->attrs.number[1] = 2;
  s->attrs.stream = s->stream;
}

const mlpi_Op mlp_op_normal_like = {
  .name = "normal_like",
  .doc = "Random normal numbers of x's shape.",
  .min_in = 1,
  .max_in = 1,
  .inputs = "x",
  .flags = MLPI_OP_RANDOM,
  .shape = mlpi_real_as_input,
  .forward = forward,
  .sample = sample,
};
