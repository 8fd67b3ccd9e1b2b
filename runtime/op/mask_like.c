/*
** mask_like.c - random zeros and ones of x's shape: element i is 1 where word i
** of the stream, as a fraction of 2^32, is at least the rate attrs.number[0].
*/
#include "op/op.h"
#include "tensor/kernel/kernel.h"

static void forward (const mlpi_Call *c) {
  const uint64_t limit = (uint64_t)(c->attrs.number[0] * 0x1p32);
  REAL *y = c->out.data;
  size_t n = mlpi_count(&c->out);
  for (size_t i = 0; i < n; i += 4) {
    uint32_t w[4];
    mlpi_philox(&c->attrs.stream, i / 4, w);
    for (size_t j = 0; j < 4 && i + j < n; j++) y[i + j] = w[j] >= limit;
  }
}

static void sample (mlpi_OpSample *s, mlp_Dtype dtype) {
  mlpi_sample_input(s, 0, dtype, 2);
  s->attrs.number[0] = 0.25;
  s->attrs.stream = s->stream;
}

const mlpi_Op mlp_op_mask_like = {
  .name = "mask_like",
  .doc = "0 for a random share 'rate' of x's elements, 1 for the rest.",
  .min_in = 1,
  .max_in = 1,
  .inputs = "x",
  .flags = MLPI_OP_RANDOM,
  .shape = mlpi_real_as_input,
  .forward = forward,
  .sample = sample,
};
