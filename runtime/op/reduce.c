/*
** reduce.c - sums over any axes: see reduce.h.
*/
#include "op/reduce.h"

#include <string.h>

enum { KEPT, SUMMED };
enum { ALONE = 16384 }; /* terms that are not worth a look at the axes */

/* x with its axes sorted into kept and summed, joined where they lie alike. */
typedef struct Plan {
  int ndim[2];
  size_t shape[2][MLP_MAXDIM];
  ptrdiff_t stride[2][MLP_MAXDIM];
  size_t count[2];
} Plan;

static void add_axis (Plan *p, int which, size_t n, ptrdiff_t stride) {
  int last = p->ndim[which] - 1;
  p->count[which] *= n;
  if (n == 1) return;
  if (last >= 0 && p->stride[which][last] == stride * (ptrdiff_t)n) {
    p->shape[which][last] *= n;
    p->stride[which][last] = stride;
    return;
  }
  p->shape[which][last + 1] = n;
  p->stride[which][last + 1] = stride;
  p->ndim[which]++;
}

static Plan make_plan (const mlpi_Array *x, unsigned mask) {
  Plan p = { .count = { 1, 1 } };
  for (int d = 0; d < x->ndim; d++)
    add_axis(&p, mask >> d & 1 ? SUMMED : KEPT, x->shape[d], x->stride[d]);
  return p;
}

/* The offset of kept element i, axes 0..ndim-1 counted. */
static ptrdiff_t offset (const Plan *p, int ndim, size_t i) {
  ptrdiff_t at = 0;
  for (int d = ndim - 1; d >= 0; d--) {
    at += (ptrdiff_t)(i % p->shape[KEPT][d]) * p->stride[KEPT][d];
    i /= p->shape[KEPT][d];
  }
  return at;
}

/* Columns side by side: whole rows are added at once. */
static void sum_columns (mlp_Runtime *rt, const Plan *p, const REAL *x,
                         REAL *out) {
  int outer = p->ndim[KEPT] - 1;
  size_t cols = p->shape[KEPT][outer], groups = p->count[KEPT] / cols;
  for (size_t i = 0; i < groups; i++)
    mlpi_sum_rows(rt, p->count[SUMMED], cols, x + offset(p, outer, i),
                  p->stride[SUMMED][0], out + i * cols);
}

typedef struct Lines {
  const Plan *plan;
  const REAL *x;
  REAL *out;
  size_t together; /* sums a tile */
} Lines;

static void sum_lines (void *ud, size_t tile) {
  const Lines *k = ud;
  const Plan *p = k->plan;
  size_t i = tile * k->together, end = i + k->together;
  ptrdiff_t stride = p->stride[SUMMED][0];
  if (end > p->count[KEPT]) end = p->count[KEPT];
  for (; i < end; i++)
    k->out[i] =
        mlpi_sum(p->count[SUMMED], k->x + offset(p, p->ndim[KEPT], i), stride);
}

static void reduce (mlp_Runtime *rt, const Plan *p, const REAL *x, REAL *out) {
  size_t n = p->count[SUMMED], tile = 16384;
  if (p->ndim[KEPT] > 0 && p->stride[KEPT][p->ndim[KEPT] - 1] == 1) {
    sum_columns(rt, p, x, out);
    return;
  }
  Lines k = { p, x, out, n < tile ? tile / n : 1 };
  if (p->count[KEPT] * n < 4 * tile) k.together = p->count[KEPT];
  mlpi_parallel(rt, (p->count[KEPT] + k.together - 1) / k.together, sum_lines,
                &k);
}

static void copy (const mlpi_Array *x, REAL *out) {
  mlpi_Array to = *x;
  to.data = out;
  mlpi_set_strides(&to);
  mlpi_array_copy(x, &to);
}

void mlpi_reduce (mlp_Runtime *rt, const mlpi_Array *x, unsigned mask,
                  REAL *out, void *scratch) {
  const size_t n = mlpi_count(x);
  if (n > 1 && n < ALONE && mask == (1u << x->ndim) - 1 && mlpi_contiguous(x)) {
    *out = mlpi_sum(n, x->data, 1); /* of all */
    return;
  }
  Plan p = make_plan(x, mask);
  if (p.count[KEPT] == 0) return;
  if (p.count[SUMMED] == 0) {
    memset(out, 0, p.count[KEPT] * sizeof *out);
    return;
  }
  if (p.count[SUMMED] == 1) {
    copy(x, out);
    return;
  }
  if (p.ndim[SUMMED] <= 1) {
    reduce(rt, &p, x->data, out);
    return;
  }
  Plan packed = { .count = { 1, 1 } };
  add_axis(&packed, KEPT, p.count[KEPT], (ptrdiff_t)p.count[SUMMED]);
  add_axis(&packed, SUMMED, p.count[SUMMED], 1);
  reduce(rt, &packed, mlpi_pack(x, mask, scratch), out);
}

size_t mlpi_reduce_scratch (const mlpi_Array *x, unsigned mask) {
  Plan p = make_plan(x, mask);
  return p.ndim[SUMMED] <= 1 ? 0 : mlpi_pack_bytes(x, mask);
}

/* The axes of x along which 'out' was repeated. */
static unsigned repeated (const mlpi_Array *x, const mlpi_Array *out) {
  unsigned mask = 0;
  for (int d = 0; d < x->ndim; d++) {
    int k = d - (x->ndim - out->ndim);
    if (k < 0 || out->shape[k] != x->shape[d]) mask |= 1u << d;
  }
  return mask;
}

void mlpi_sum_to (mlp_Runtime *rt, const mlpi_Array *x, const mlpi_Array *out,
                  void *scratch) {
  mlpi_reduce(rt, x, repeated(x, out), out->data, scratch);
}

size_t mlpi_sum_to_scratch (const mlpi_Array *x, const mlpi_Array *out) {
  return mlpi_reduce_scratch(x, repeated(x, out));
}
