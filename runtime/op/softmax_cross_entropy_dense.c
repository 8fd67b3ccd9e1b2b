/*
** softmax_cross_entropy_dense.c - -sum y log softmax(x), y a distribution.
*/
#include "op/rows.h"
#include "op/softmax.h"

static void forward_row (const Rows *r, size_t i) {
  const REAL *t = r->t + i * r->n;
  REAL *y = r->tmp + i * r->n;
  const REAL *x = r->x + i * r->n;
  LogSum s = row_log_sum(r->n, x, y);
  for (size_t j = 0; j < r->n; j++) y[j] = s.log - (x[j] - s.max);
  r->y[i] = mlpi_dot(r->n, t, y);
}

static void forward (const mlpi_Call *c) {
  Rows r = rows_of(c);
  r.row = forward_row;
  r.y = c->out.data;
  rows_run(&r);
}

/* For the logits (p sum(y) - y) g; for the target -log(p) g. */
static void backward_row (const Rows *r, size_t i) {
  const REAL *x = r->x + i * r->n, *t = r->t + i * r->n, g = r->g[i];
  REAL *p = r->tmp + i * r->n;
  LogSum s = row_log_sum(r->n, x, p);
  if (r->gt != NULL)
    for (size_t j = 0; j < r->n; j++)
      r->gt[i * r->n + j] = (s.log - (x[j] - s.max)) * g;
  if (r->gx == NULL) return;
  REAL sum = mlpi_sum(r->n, t, 1);
  row_softmax(r->n, x, p);
  for (size_t j = 0; j < r->n; j++)
    r->gx[i * r->n + j] = (p[j] * sum - t[j]) * g;
}

static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  Rows r = rows_of(c);
  r.row = backward_row;
  r.g = g->data;
  r.gx = gin[0].data;
  r.gt = gin[1].data;
  rows_run(&r);
}

const mlpi_Op mlp_op_softmax_cross_entropy_dense = {
  .name = "softmax_cross_entropy_dense",
  .doc = "Per row: -sum(target * log(softmax(logits))).",
  .min_in = 2,
  .max_in = 2,
  .flags = MLPI_OP_NEEDS_IN,
  .inputs = "logits target",
  .shape = mlpi_row_targets_shape,
  .sample = mlpi_sample_rows,
  .scratch = rows_scratch,
  ROWS_READY,
  .forward = forward,
  .backward = backward,
};
