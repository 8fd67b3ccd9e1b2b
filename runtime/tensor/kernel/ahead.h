/*
** ahead.h - fetch what the next tiles read while this one is multiplied.
** The machine fetches ahead by itself only along a row: where rows lie pages
** apart, every one of them would begin with a wait for memory.
*/
#ifndef ahead_h
#define ahead_h

#include "tensor/kernel/vector.h"

enum { LINE = 64 / sizeof(REAL) };

/* Rows of a matrix that are still to be fetched, 'step' lines at a time. */
typedef struct Ahead {
  const REAL *p;
  ptrdiff_t rs;
  size_t rows, lines, line, step;
} Ahead;

/* 'rows' rows of n elements, in 'steps' calls of fetch_step. */
INLINE Ahead ahead (const REAL *p, ptrdiff_t rs, size_t rows, size_t n,
                    size_t steps) {
  Ahead h = { .p = p, .rs = rs, .rows = rows };
  h.lines = (n + LINE - 1) / LINE;
  h.step = (rows * h.lines + steps - 1) / steps;
  return h;
}

INLINE void fetch_step (Ahead *h) {
  for (size_t i = 0; i < h->step && h->rows > 0; i++) {
    __builtin_prefetch(h->p + h->line * LINE, 0, 2);
    if (++h->line < h->lines) continue;
    h->line = 0;
    h->p += h->rs;
    h->rows--;
  }
}

#endif
