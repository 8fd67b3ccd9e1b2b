/*
** sort.c - elements in order along one axis: see order.h.
*/
#include "op/order.h"

static mlp_Status shape (mlpi_Call *c) {
  mlp_Status s = mlpi_check_axis(c, &c->attrs.axis[0], c->in[0].ndim);
  return s != MLP_OK ? s : mlpi_real_as_input(c);
}

static void forward (const mlpi_Call *c) {
  Sorted s = sort_lines(c);
  for (size_t i = 0; i < s.count; i++)
    s.room[i] = s.x[i / s.n * s.n + (size_t)s.order[i]];
  mlpi_unpack(s.room, s.mask, &c->out);
}

/* Each gradient goes where its element came from. */
static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  Sorted s = sort_lines(c);
  const REAL *from = mlpi_pack(g, s.mask, c->scratch); /* over x: it served */
  for (size_t i = 0; i < s.count; i++)
    s.room[i / s.n * s.n + (size_t)s.order[i]] = from[i];
  mlpi_unpack(s.room, s.mask, &gin[0]);
}

const mlpi_Op mlp_op_sort = {
  .name = "sort",
  .doc = "The elements in order along one dimension; NaN last.",
  .min_in = 1,
  .max_in = 1,
  .flags = MLPI_OP_NEEDS_IN,
  .inputs = "x",
  .shape = shape,
  .scratch = sort_scratch,
  .forward = forward,
  .backward = backward,
  .sample = sort_sample,
};
