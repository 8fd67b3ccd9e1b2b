/*
** index.h - rows picked by number, and lines along one axis: what gather_rows,
** take_along and scatter_add share. Indices are int64, from 1.
*/
#ifndef index_h
#define index_h

#include "op/op.h"

/* Index i made 0-based; n where it is out of 1..n. */
static inline size_t index_from_1 (int64_t i, size_t n) {
  return i >= 1 && (uint64_t)i <= n ? (size_t)i - 1 : n;
}

/* An array seen as (outer, n, inner) around one axis. */
typedef struct Around {
  size_t outer, n, inner;
} Around;

static inline Around around (const mlpi_Array *a, int64_t axis) {
  Around r = { 1, a->shape[axis], 1 };
  for (int d = 0; d < axis; d++) r.outer *= a->shape[d];
  for (int d = (int)axis + 1; d < a->ndim; d++) r.inner *= a->shape[d];
  return r;
}

static inline size_t index_align (size_t bytes) {
  return (bytes + 63) / 64 * 64;
}

/* Scratch for two inputs without gaps. */
static inline size_t index_scratch (const mlpi_Call *c) {
  size_t n = 0;
  for (int i = 0; i < c->n_in; i++)
    n += index_align(mlpi_pack_bytes(&c->in[i], 0));
  return n;
}

/* Input i without gaps: in its own memory or its share of the scratch. */
static inline const void *index_pack (const mlpi_Call *c, int i) {
  char *scratch = c->scratch;
  for (int k = 0; k < i && scratch != NULL; k++)
    scratch += index_align(mlpi_pack_bytes(&c->in[k], 0));
  return mlpi_pack(&c->in[i], 0, scratch);
}

#endif
