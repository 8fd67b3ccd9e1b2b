/*
** argmode.c - where, from 1, the most frequent element along one axis stands
** first; of equally frequent ones the smallest.
*/
#include "op/order.h"

static mlp_Status shape (mlpi_Call *c) {
  const mlpi_Array *a = &c->in[0];
  mlp_Status s = mlpi_check_real(c, 1);
  if (s == MLP_OK) s = mlpi_check_axis(c, &c->attrs.axis[0], a->ndim);
  if (s != MLP_OK) return s;
  mlpi_Array out = *a;
  if (out.shape[c->attrs.axis[0]] == 0)
    return mlpi_error(c->rt, MLP_EARG,
                      "argmode: expected at least one element");
  out.shape[c->attrs.axis[0]] = 1;
  return mlpi_array_init(c->rt, c->op->name, &c->out, MLP_INT64, out.ndim,
                         out.shape);
}

/* Equal elements stand together once in order. */
static int64_t most_frequent (size_t n, const REAL *x, const int64_t *order) {
  size_t best = 0, most = 0;
  for (size_t i = 0, run = 0; i < n; i++) {
    run = i > 0 && x[order[i]] == x[order[i - 1]] ? run + 1 : 1;
    if (run > most) most = run, best = i + 1 - run;
  }
  return order[best] + 1;
}

static void forward (const mlpi_Call *c) {
  Sorted s = sort_lines(c);
  int64_t *to = (int64_t *)s.room;
  for (size_t i = 0; i < s.count / s.n; i++)
    to[i] = most_frequent(s.n, s.x + i * s.n, s.order + i * s.n);
  mlpi_unpack(to, s.mask, &c->out);
}

const mlpi_Op mlp_op_argmode = {
  .name = "argmode",
  .doc = "Where the most frequent element along one dimension is, from 1.",
  .min_in = 1,
  .max_in = 1,
  .inputs = "x",
  .shape = shape,
  .scratch = sort_scratch,
  .forward = forward,
  .sample = sort_sample,
};
