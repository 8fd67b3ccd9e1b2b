/*
** softmax_cross_entropy.c - -log of the softmax probability of the class.
*/
#include "op/rows.h"
#include "op/softmax.h"

static void forward_row (const Rows *r, size_t i) {
  const REAL *x = r->x + i * r->n;
  size_t k = rows_class(r, i);
  LogSum s = row_log_sum(r->n, x, r->tmp + i * r->n);
  r->y[i] = k == r->n ? (REAL)NAN : s.log - (x[k] - s.max);
}

static void forward (const mlpi_Call *c) {
  Rows r = rows_of(c);
  r.row = forward_row;
  r.y = c->out.data;
  rows_run(&r);
}

/* (p - y) g, with p = softmax(x) and y = 1 at the class. */
static void backward_row (const Rows *r, size_t i) {
  REAL *gx = r->gx + i * r->n;
  size_t k = rows_class(r, i);
  row_softmax(r->n, r->x + i * r->n, gx);
  if (k < r->n) gx[k] -= 1;
  for (size_t j = 0; j < r->n; j++) gx[j] *= r->g[i];
}

static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  Rows r = rows_of(c);
  r.row = backward_row;
  r.g = g->data;
  r.gx = gin[0].data;
  rows_run(&r);
}

const mlpi_Op mlp_op_softmax_cross_entropy = {
  .name = "softmax_cross_entropy",
  .doc = "Per row: log(sum(exp(logits))) - logits[label]; labels are 1..K.",
  .min_in = 2,
  .max_in = 2,
  .flags = MLPI_OP_NEEDS_IN,
  .inputs = "logits labels",
  .shape = mlpi_row_classes_shape,
  .check = mlpi_check_column_labels,
  .check_in = 1,
  .sample = mlpi_sample_classes,
  .scratch = rows_scratch,
  .forward = forward,
  .backward = backward,
};
