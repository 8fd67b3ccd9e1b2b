/*
** logsumexp.c - log of the sum of e^x along the last axis.
*/
#include "op/rows.h"
#include "op/softmax.h"

static void forward_row (const Rows *r, size_t i) {
  size_t at = i * r->n;
  LogSum s = row_log_sum(r->n, r->x + at, r->tmp + at);
  r->y[i] = s.max + s.log;
}

static void forward (const mlpi_Call *c) {
  Rows r = rows_of(c);
  r.row = forward_row;
  r.y = c->out.data;
  rows_run(&r);
}

static void backward_row (const Rows *r, size_t i) {
  REAL *gx = r->gx + i * r->n;
  row_softmax(r->n, r->x + i * r->n, gx);
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

const mlpi_Op mlp_op_logsumexp = {
  .name = "logsumexp",
  .doc = "log(sum(exp(x))) along the last dimension, without overflow.",
  .min_in = 1,
  .max_in = 1,
  .flags = MLPI_OP_NEEDS_IN,
  .inputs = "x",
  .shape = mlpi_row_shape,
  .sample = mlpi_sample_rows,
  .scratch = rows_scratch,
  .forward = forward,
  .backward = backward,
};
