/*
** dropout.c - zero a random share of the elements, scale up the rest.
** Srivastava et al. 2014, JMLR 15, inverted: identity when not training. The
** mask is recomputed from the counter-based stream, never stored.
*/
#include "op/op.h"
#include "tensor/kernel/kernel.h"

enum { RATE }; /* attrs.number */

/* to[i] = kept ? from[i] * scale : 0; element i is kept where word i of the
** stream, as a fraction of 2^32, is at least the rate. 'from' row-major. */
static void mask (const mlpi_Call *c, const REAL *from, REAL *to) {
  const double rate = c->attrs.number[RATE];
  const uint64_t limit = (uint64_t)(rate * 0x1p32);
  const REAL scale = rate < 1 ? (REAL)(1 / (1 - rate)) : 0;
  size_t n = mlpi_count(&c->out);
  for (size_t i = 0; i < n; i += 4) {
    uint32_t w[4];
    mlpi_philox(&c->attrs.stream, i / 4, w);
    for (size_t j = 0; j < 4 && i + j < n; j++)
      to[i + j] = w[j] >= limit ? from[i + j] * scale : 0;
  }
}

static void forward (const mlpi_Call *c) {
  const REAL *x = c->in[0].data;
  if (!mlpi_contiguous(&c->in[0])) {
    mlpi_array_copy(&c->in[0], &c->out);
    x = c->out.data;
  }
  mask(c, x, c->out.data);
}

static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  mask(c, g->data, gin[0].data);
}

static void sample (mlpi_OpSample *s, mlp_Dtype dtype) {
  mlpi_sample_input(s, 0, dtype, 2);
  s->attrs.number[0] = 0.25;
  s->attrs.stream = s->stream;
}

const mlpi_Op mlp_op_dropout = {
  .name = "dropout",
  .doc = "Zero a share 'rate' of the elements at random and scale the rest by "
         "1 / (1 - rate).",
  .cite = "Srivastava et al. 2014, JMLR 15",
  .min_in = 1,
  .max_in = 1,
  .inputs = "x",
  .flags = MLPI_OP_RANDOM,
  .shape = mlpi_same_as_input,
  .forward = forward,
  .backward = backward,
  .sample = sample,
};
