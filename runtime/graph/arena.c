/*
** arena.c - greedy placement by size: the largest buffer first, each at the
** lowest offset where it fits between those that live at the same time.
** Pisarchyk & Lee 2020, arXiv:2001.03288, "greedy by size".
*/
#include "graph/arena.h"

#include <stdlib.h>

static int larger_first (const void *a, const void *b) {
  const mlpi_Buffer *x = *(mlpi_Buffer *const *)a,
                    *y = *(mlpi_Buffer *const *)b;
  if (x->bytes != y->bytes) return x->bytes < y->bytes ? 1 : -1;
  return (x > y) - (x < y);
}

static int by_offset (const void *a, const void *b) {
  const mlpi_Buffer *x = *(mlpi_Buffer *const *)a,
                    *y = *(mlpi_Buffer *const *)b;
  if (x->offset != y->offset) return x->offset > y->offset ? 1 : -1;
  return (x > y) - (x < y);
}

static size_t padded (size_t bytes) { return (bytes + 63) / 64 * 64; }

/* The lowest gap among 'placed' (sorted by offset) that holds b. */
static size_t lowest_gap (const mlpi_Buffer *b, size_t n,
                          mlpi_Buffer *const *placed) {
  size_t at = 0;
  for (size_t i = 0; i < n; i++) {
    const mlpi_Buffer *p = placed[i];
    if (p->last < b->first || b->last < p->first) continue;
    if (at + padded(b->bytes) <= p->offset) break;
    size_t end = p->offset + padded(p->bytes);
    if (end > at) at = end;
  }
  return at;
}

/* Insert b into the list sorted by offset. */
static void insert (mlpi_Buffer *b, size_t n, mlpi_Buffer **placed) {
  size_t i = n;
  for (; i > 0 && by_offset(&placed[i - 1], &b) > 0; i--)
    placed[i] = placed[i - 1];
  placed[i] = b;
}

mlp_Status mlpi_arena_place (mlp_Runtime *rt, size_t n, mlpi_Buffer *buffers,
                             size_t *bytes) {
  size_t room = 2 * n * sizeof(mlpi_Buffer *);
  mlpi_Buffer **order = mlpi_alloc(rt, room), **placed = order + n;
  *bytes = 0;
  if (order == NULL) return MLP_ENOMEM;
  for (size_t i = 0; i < n; i++) order[i] = &buffers[i];
  if (n > 0) qsort(order, n, sizeof *order, larger_first);
  for (size_t i = 0; i < n; i++) {
    order[i]->offset = lowest_gap(order[i], i, placed);
    insert(order[i], i, placed);
    size_t end = order[i]->offset + padded(order[i]->bytes);
    if (end > *bytes) *bytes = end;
  }
  mlpi_free(rt, order, room);
  return MLP_OK;
}
