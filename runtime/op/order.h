/*
** order.h - the order of elements along one axis: attrs.axis[0]; attrs.flag:
** largest first. Equal elements keep their order; NaN comes last. A merge
** sort from short runs upwards.
*/
#ifndef order_h
#define order_h

#include "op/op.h"
#include "tensor/kernel/kernel.h"

#include <string.h>

/* Must b come before a, which stands before it? */
static bool out_of_order (REAL a, REAL b, bool descending) {
  if (b != b) return false;
  if (a != a) return true;
  return descending ? b > a : b < a;
}

/* Merge the sorted runs from[lo, mid) and from[mid, hi) into to[lo, hi). */
static void merge (const REAL *x, bool descending, const int64_t *from,
                   int64_t *to, size_t lo, size_t mid, size_t hi) {
  size_t i = lo, j = mid;
  for (size_t k = lo; k < hi; k++) {
    bool right = i == mid ||
                 (j < hi && out_of_order(x[from[i]], x[from[j]], descending));
    to[k] = from[right ? j++ : i++];
  }
}

/* order[0..n) = the order of x[0..n), from 0; 'spare' has room for n. */
static void sort (size_t n, const REAL *x, bool descending, int64_t *order,
                  int64_t *spare) {
  int64_t *from = order, *to = spare;
  for (size_t i = 0; i < n; i++) order[i] = (int64_t)i;
  for (size_t run = 1; run < n; run *= 2) {
    for (size_t lo = 0; lo < n; lo += 2 * run) {
      size_t mid = lo + run < n ? lo + run : n;
      size_t hi = mid + run < n ? mid + run : n;
      merge(x, descending, from, to, lo, mid, hi);
    }
    int64_t *sorted = to;
    to = from, from = sorted;
  }
  if (from != order) memcpy(order, from, n * sizeof *order);
}

/* Scratch: the packed input, and twice as many indices. */
static inline size_t sort_part (const mlpi_Call *c) {
  return (mlpi_count(&c->in[0]) * sizeof(int64_t) + 63) / 64 * 64;
}

static inline size_t sort_scratch (const mlpi_Call *c) {
  return 4 * sort_part(c);
}

/* The packed lines of in[0] along attrs.axis[0], and their order. */
typedef struct Sorted {
  size_t n, count; /* of a line, of all */
  unsigned mask;
  const REAL *x;
  int64_t *order; /* within each line, from 0 */
  REAL *room;     /* for as many elements as x has */
} Sorted;

static Sorted sort_lines (const mlpi_Call *c) {
  size_t part = sort_part(c);
  char *scratch = c->scratch;
  Sorted s = { .mask = 1u << c->attrs.axis[0], .count = mlpi_count(&c->in[0]) };
  s.n = c->in[0].shape[c->attrs.axis[0]];
  s.x = mlpi_pack(&c->in[0], s.mask, scratch);
  s.order = (int64_t *)(scratch + part);
  s.room = (REAL *)(scratch + 3 * part);
  for (size_t i = 0; i < s.count; i += s.n)
    sort(s.n, s.x + i, c->attrs.flag, s.order + i,
         (int64_t *)(scratch + 2 * part));
  return s;
}

static void sort_sample (mlpi_OpSample *s, mlp_Dtype dtype) {
  mlpi_sample_input(s, 0, dtype, 3);
  s->attrs.n_axis = 1;
  s->attrs.axis[0] = (int64_t)mlpi_sample_size(s, 0, 2);
  s->attrs.flag = mlpi_sample_size(s, 0, 1) == 1;
}

#endif
