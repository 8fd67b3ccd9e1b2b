/*
** argsort.c - the indices, from 1, that sort along one axis: attrs.axis[0];
** attrs.flag: largest first. Equal elements keep their order; NaN comes last.
** A merge sort from short runs upwards. Sorted values: take_along of these.
*/
#include "op/op.h"
#include "tensor/kernel/kernel.h"

#include <string.h>

static mlp_Status shape (mlpi_Call *c) {
  const mlpi_Array *a = &c->in[0];
  mlp_Status s = mlpi_check_real(c, 1);
  if (s == MLP_OK) s = mlpi_check_axis(c, &c->attrs.axis[0], a->ndim);
  if (s != MLP_OK) return s;
  return mlpi_array_init(c->rt, c->op->name, &c->out, MLP_INT64, a->ndim,
                         a->shape);
}

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

static size_t part (const mlpi_Call *c) {
  return (mlpi_count(&c->in[0]) * sizeof(int64_t) + 63) / 64 * 64;
}

static size_t scratch (const mlpi_Call *c) { return 3 * part(c); }

static void forward (const mlpi_Call *c) {
  unsigned mask = 1u << c->attrs.axis[0];
  size_t n = c->in[0].shape[c->attrs.axis[0]], count = mlpi_count(&c->in[0]);
  const REAL *x = mlpi_pack(&c->in[0], mask, c->scratch);
  int64_t *order = (int64_t *)((char *)c->scratch + part(c));
  int64_t *spare = (int64_t *)((char *)c->scratch + 2 * part(c));
  for (size_t i = 0; i < count; i += n) {
    sort(n, x + i, c->attrs.flag, order + i, spare);
    for (size_t j = 0; j < n; j++) order[i + j]++;
  }
  mlpi_unpack(order, mask, &c->out);
}

static void sample (mlpi_OpSample *s, mlp_Dtype dtype) {
  mlpi_sample_input(s, 0, dtype, 3);
  s->attrs.n_axis = 1;
  s->attrs.axis[0] = (int64_t)mlpi_sample_size(s, 0, 2);
  s->attrs.flag = mlpi_sample_size(s, 0, 1) == 1;
}

const mlpi_Op mlp_op_argsort = {
  .name = "argsort",
  .doc = "The indices, from 1, that sort along one dimension; stable.",
  .min_in = 1,
  .max_in = 1,
  .inputs = "x",
  .shape = shape,
  .scratch = scratch,
  .forward = forward,
  .sample = sample,
};
