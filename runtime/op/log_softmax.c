/*
** log_softmax.c - log of softmax along the last axis.
*/
#include "op/rows.h"
#include "op/softmax.h"

static void forward_row (const Rows *r, size_t i) {
  size_t at = i * r->n;
  row_log_softmax(r->n, r->x + at, r->y + at, r->tmp + at);
}

static void forward (const mlpi_Call *c) {
  Rows r = rows_of(c);
  r.row = forward_row;
  r.y = c->out.data;
  rows_run(&r);
}

static void backward_row (const Rows *r, size_t i) {
  size_t at = i * r->n;
  row_log_softmax_back(r->n, r->y + at, r->g + at, r->gx + at);
}

static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  Rows r = rows_of(c);
  r.row = backward_row;
  r.g = g->data;
  r.gx = gin[0].data;
  r.y = c->out.data;
  rows_run(&r);
}

const mlpi_Op mlp_op_log_softmax = {
  .name = "log_softmax",
  .doc = "x - log(sum(exp(x))) along the last dimension.",
  .min_in = 1,
  .max_in = 1,
  .flags = MLPI_OP_INPLACE | MLPI_OP_NEEDS_OUT,
  .inputs = "x",
  .shape = mlpi_real_as_input,
  .sample = mlpi_sample_rows,
  .scratch = rows_scratch,
  ROWS_READY,
  .forward = forward,
  .backward = backward,
};
