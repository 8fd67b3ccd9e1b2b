/*
** rows.h - for operators that treat each row of the last axis on its own:
** softmax, cross-entropies. They see their inputs without gaps.
*/
#ifndef rows_h
#define rows_h

#include "op/op.h"
#include "tensor/kernel/kernel.h"

/* Where the inputs of an application are packed, if they are. */
typedef struct RowsReady {
  size_t n, rows;
  bool packed[2]; /* they have gaps */
  size_t second;  /* bytes of scratch before the packed second input */
  size_t all;     /* bytes of scratch */
} RowsReady;

/* One application, its inputs packed. Row i of x is x + i * n. */
typedef struct Rows {
  const mlpi_Call *c;
  size_t n;             /* length of a row */
  const REAL *x, *t;    /* first input; second one, where it has rows too */
  const int64_t *label; /* second input, where it holds classes */
  const REAL *g;        /* backward */
  REAL *y;
  REAL *gx, *gt; /* backward: NULL where not wanted */
  REAL *tmp;     /* room as large as x */
  void *after;   /* scratch behind all that */
  void (*row)(const struct Rows *r, size_t i);
  size_t rows, together;
} Rows;

static inline size_t rows_align (size_t bytes) {
  return (bytes + 63) / 64 * 64;
}

/* Scratch for 'tmp' and the packed inputs. */
static inline size_t rows_scratch (const mlpi_Call *c) {
  size_t n = rows_align(mlpi_count(&c->in[0]) * sizeof(REAL));
  for (int i = 0; i < c->n_in; i++)
    n += rows_align(mlpi_pack_bytes(&c->in[i], 0));
  return n;
}

static inline void rows_tile (void *ud, size_t tile) {
  const Rows *r = ud;
  size_t i = tile * r->together, end = i + r->together;
  for (; i < end && i < r->rows; i++) r->row(r, i);
}

static inline void rows_prepare (const mlpi_Call *c, void *ready) {
  RowsReady *r = ready;
  r->n = mlpi_row_length(&c->in[0]);
  r->rows = mlpi_row_count(&c->in[0]);
  for (int i = 0; i < c->n_in; i++)
    r->packed[i] = mlpi_pack_bytes(&c->in[i], 0) > 0;
  r->second = rows_align(mlpi_count(&c->in[0]) * sizeof(REAL)) +
              rows_align(mlpi_pack_bytes(&c->in[0], 0));
  r->all = rows_scratch(c);
}

#define ROWS_READY .prepare = rows_prepare, .ready_size = sizeof(RowsReady)

/* The packed inputs of c; 'row' and what is written remain to be set. */
static inline Rows rows_of (const mlpi_Call *c) {
  RowsReady room;
  const RowsReady *ready = mlpi_ready(c, &room);
  char *scratch = c->scratch;
  Rows r = { .c = c, .n = ready->n, .rows = ready->rows };
  r.tmp = c->scratch;
  r.after = scratch + ready->all;
  r.x = c->in[0].data;
  if (ready->packed[0])
    r.x = mlpi_pack(&c->in[0], 0,
                    scratch + rows_align(r.rows * r.n * sizeof(REAL)));
  if (c->n_in < 2) return r;
  const void *second = c->in[1].data;
  if (ready->packed[1])
    second = mlpi_pack(&c->in[1], 0, scratch + ready->second);
  if (c->in[1].dtype == MLP_INT64)
    r.label = second;
  else
    r.t = second;
  return r;
}

static inline void rows_run (Rows *r) {
  enum { TILE = 4096 };
  if (r->rows == 0 || r->n == 0) return;
  r->together = r->n < TILE ? TILE / (r->n + 1) + 1 : 1;
  if (r->rows * r->n < 4 * TILE) r->together = r->rows;
  mlpi_parallel(r->c->rt, (r->rows + r->together - 1) / r->together, rows_tile,
                r);
}

/* The class of row i from 0; n where the label is out of range. */
static inline size_t rows_class (const Rows *r, size_t i) {
  int64_t k = r->label[i];
  return k >= 1 && (uint64_t)k <= r->n ? (size_t)k - 1 : r->n;
}

#endif
