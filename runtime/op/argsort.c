/*
** argsort.c - the indices, from 1, that sort along one axis: see order.h.
*/
#include "op/order.h"

static mlp_Status shape (mlpi_Call *c) {
  const mlpi_Array *a = &c->in[0];
  mlp_Status s = mlpi_check_real(c, 1);
  if (s == MLP_OK) s = mlpi_check_axis(c, &c->attrs.axis[0], a->ndim);
  if (s != MLP_OK) return s;
  return mlpi_array_init(c->rt, c->op->name, &c->out, MLP_INT64, a->ndim,
                         a->shape);
}

static void forward (const mlpi_Call *c) {
  Sorted s = sort_lines(c);
  for (size_t i = 0; i < s.count; i++) s.order[i]++;
  mlpi_unpack(s.order, s.mask, &c->out);
}

const mlpi_Op mlp_op_argsort = {
  .name = "argsort",
  .doc = "The indices, from 1, that sort along one dimension; stable.",
  .min_in = 1,
  .max_in = 1,
  .inputs = "x",
  .shape = shape,
  .scratch = sort_scratch,
  .forward = forward,
  .sample = sort_sample,
};
