/*
** probability_cross_entropy_dense.c - -sum y log p, y a distribution.
*/
#include "op/rows.h"
#include "tensor/kernel/vmath.h"

/* Keras's epsilon(): probabilities are kept this far from 0 and 1. */
static const REAL epsilon = R(1e-7);

static REAL clip (REAL q) {
  return q < epsilon ? epsilon : q > 1 - epsilon ? 1 - epsilon : q;
}

static void forward_row (const Rows *r, size_t i) {
  const REAL *p = r->x + i * r->n, *t = r->t + i * r->n;
  REAL *y = r->tmp + i * r->n, sum = mlpi_sum(r->n, p, 1);
  for (size_t j = 0; j < r->n; j++) y[j] = -v_log(clip(p[j] / sum));
  r->y[i] = mlpi_dot(r->n, t, y);
}

static void forward (const mlpi_Call *c) {
  Rows r = rows_of(c);
  r.row = forward_row;
  r.y = c->out.data;
  rows_run(&r);
}

/* dL/dp_j = s / sum - y_j / p_j, where the clip does not hold p_j; s is the
** sum of those y. dL/dy_j = -log of the clipped probability. */
static void backward_row (const Rows *r, size_t i) {
  const REAL *p = r->x + i * r->n, *t = r->t + i * r->n, g = r->g[i];
  REAL *y = r->tmp + i * r->n, sum = mlpi_sum(r->n, p, 1);
  size_t at = i * r->n;
  for (size_t j = 0; j < r->n && r->gt != NULL; j++)
    r->gt[at + j] = -v_log(clip(p[j] / sum)) * g;
  if (r->gx == NULL) return;
  for (size_t j = 0; j < r->n; j++)
    y[j] = clip(p[j] / sum) == p[j] / sum ? t[j] : 0;
  REAL share = mlpi_sum(r->n, y, 1) / sum;
  for (size_t j = 0; j < r->n; j++)
    r->gx[at + j] = (share - (y[j] == 0 ? 0 : y[j] / p[j])) * g;
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

const mlpi_Op mlp_op_probability_cross_entropy_dense = {
  .name = "probability_cross_entropy_dense",
  .doc = "Per row: -sum(target * log(clip(p / sum(p), 1e-7, 1 - 1e-7))).",
  .min_in = 2,
  .max_in = 2,
  .flags = MLPI_OP_NEEDS_IN,
  .inputs = "p target",
  .shape = mlpi_row_targets_shape,
  .sample = mlpi_sample_rows,
  .cite = "Keras 3.16, categorical_crossentropy",
  .check_min = 0.1,
  .check_max = 2,
  .scratch = rows_scratch,
  ROWS_READY,
  .forward = forward,
  .backward = backward,
};
