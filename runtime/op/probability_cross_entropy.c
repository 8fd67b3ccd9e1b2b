/*
** probability_cross_entropy.c - -log of the probability of the class.
*/
#include "op/rows.h"
#include "tensor/kernel/vmath.h"

/* Keras's epsilon(): probabilities are kept this far from 0 and 1. */
static const REAL epsilon = R(1e-7);

static REAL clip (REAL q) {
  return q < epsilon ? epsilon : q > 1 - epsilon ? 1 - epsilon : q;
}

static void forward_row (const Rows *r, size_t i) {
  const REAL *p = r->x + i * r->n;
  size_t k = rows_class(r, i);
  REAL sum = mlpi_sum(r->n, p, 1);
  r->y[i] = k == r->n ? (REAL)NAN : -v_log(clip(p[k] / sum));
}

static void forward (const mlpi_Call *c) {
  Rows r = rows_of(c);
  r.row = forward_row;
  r.y = c->out.data;
  rows_run(&r);
}

/* 1 / sum - [j = k] / p_k; nothing where the clip holds. */
static void backward_row (const Rows *r, size_t i) {
  const REAL *p = r->x + i * r->n, g = r->g[i];
  REAL *gx = r->gx + i * r->n, sum = mlpi_sum(r->n, p, 1);
  size_t k = rows_class(r, i);
  bool held = k == r->n || clip(p[k] / sum) != p[k] / sum;
  for (size_t j = 0; j < r->n; j++) gx[j] = held ? 0 : g / sum;
  if (!held) gx[k] -= g / p[k];
}

static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  Rows r = rows_of(c);
  r.row = backward_row;
  r.g = g->data;
  r.gx = gin[0].data;
  rows_run(&r);
}

const mlpi_Op mlp_op_probability_cross_entropy = {
  .name = "probability_cross_entropy",
  .doc = "Per row: -log(clip(p[label] / sum(p), 1e-7, 1 - 1e-7)).",
  .min_in = 2,
  .max_in = 2,
  .flags = MLPI_OP_NEEDS_IN,
  .inputs = "p labels",
  .shape = mlpi_row_classes_shape,
  .check = mlpi_check_column_labels,
  .check_in = 1,
  .sample = mlpi_sample_classes,
  .cite = "Keras 3.16, categorical_crossentropy",
  .check_min = 0.1,
  .check_max = 2,
  .scratch = rows_scratch,
  ROWS_READY,
  .forward = forward,
  .backward = backward,
};
