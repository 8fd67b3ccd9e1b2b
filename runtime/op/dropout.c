/*
** dropout.c - zero a random share of the elements, scale up the rest.
** Srivastava et al. 2014, JMLR 15, inverted: identity when not training. The
** mask comes from the counter-based stream; a plan keeps it for backward.
*/
#include "op/op.h"
#include "tensor/kernel/philox.h"

#include <string.h>

enum { RATE }; /* attrs.number */

/* to[i] = kept ? from[i] * scale : 0; element i is kept where word i of the
** stream, as a fraction of 2^32, is at least the rate. 'from' row-major. */
typedef struct Mask {
  const mlpi_Stream *stream;
  uint64_t limit;
  REAL scale;
  const REAL *from;
  REAL *to;
  uint8_t *kept; /* of each element, to be written or read; NULL: neither */
  bool known;    /* it was written before */
  size_t n, together;
} Mask;

/* Up to PHILOX_WORDS elements from 'at' on. */
static void draw (const Mask *m, size_t at, size_t n) {
  const uint32_t limit = (uint32_t)m->limit;
  const REAL scale = m->scale, *from = m->from + at;
  REAL *to = m->to + at;
  uint8_t *restrict kept = m->kept != NULL ? m->kept + at : NULL;
  uint32_t w[PHILOX_WORDS];
  philox_words(m->stream, at / 4, n, w);
  if (m->kept != NULL)
    for (size_t i = 0; i < n; i++) kept[i] = w[i] >= limit;
  for (size_t i = 0; i < n; i++) to[i] = w[i] >= limit ? from[i] * scale : 0;
}

static void reuse (const Mask *m, size_t at, size_t n) {
  const uint8_t *restrict kept = m->kept + at;
  const REAL scale = m->scale, *from = m->from + at;
  REAL *to = m->to + at;
  for (size_t i = 0; i < n; i++) to[i] = kept[i] != 0 ? from[i] * scale : 0;
}

static void run_tile (void *ud, size_t tile) {
  const Mask *m = ud;
  const size_t first = tile * m->together, left = m->n - first;
  const size_t n = left < m->together ? left : m->together;
  if (m->limit > UINT32_MAX) {
    memset(m->to + first, 0, n * sizeof *m->to);
    return;
  }
  if (m->known) {
    reuse(m, first, n);
    return;
  }
  for (size_t i = 0; i < n; i += PHILOX_WORDS)
    draw(m, first + i, n - i < PHILOX_WORDS ? n - i : PHILOX_WORDS);
}

static void mask (const mlpi_Call *c, const REAL *from, REAL *to, bool known) {
  enum { TILE = 16 * PHILOX_WORDS };
  const double rate = c->attrs.number[RATE];
  Mask m = { .stream = &c->attrs.stream,
             .limit = (uint64_t)(rate * 0x1p32),
             .scale = rate < 1 ? (REAL)(1 / (1 - rate)) : 0,
             .from = from,
             .to = to,
             .kept = c->saved,
             .known = known && c->saved != NULL,
             .n = mlpi_count(&c->out) };
  m.together = m.n < 4 * TILE ? m.n : TILE;
  if (m.n > 0)
    mlpi_parallel(c->rt, (m.n + m.together - 1) / m.together, run_tile, &m);
}

static void forward (const mlpi_Call *c) {
  const REAL *x = c->in[0].data;
  if (!mlpi_contiguous(&c->in[0])) {
    mlpi_array_copy(&c->in[0], &c->out);
    x = c->out.data;
  }
  mask(c, x, c->out.data, false);
}

static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  mask(c, g->data, gin[0].data, true);
}

/* What was kept, a byte an element. */
static size_t saved (const mlpi_Call *c) { return mlpi_count(&c->out); }

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
  .saved = saved,
  .forward = forward,
  .backward = backward,
  .sample = sample,
};
