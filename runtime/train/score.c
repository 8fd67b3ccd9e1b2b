/*
** score.c - what a pass adds up: losses, metrics, predictions.
*/
#include "train/run.h"

#include <string.h>

static size_t width_of (const mlpi_Run *r, int metric) {
  return r->width[r->model->metric[metric].output];
}

static size_t state_size (const mlpi_Run *r, int i) {
  const mlp_Object *o = r->model->metric[i].o;
  const mlp_Metric *k = (const mlp_Metric *)o->kind;
  return k->room == NULL ? MLPI_METRIC_STATE : k->room(o, width_of(r, i));
}

/* Where the state of metric i begins. */
static double *state_of (const mlpi_Run *r, int i) {
  double *at = r->state;
  for (int k = 0; k < i; k++) at += state_size(r, k);
  return at;
}

mlp_Status mlpi_run_make_states (mlpi_Run *r) {
  size_t n = 0;
  for (int i = 0; i < r->model->n_metrics; i++) {
    r->metric[i] = mlpi_object_kind(r->model->metric[i].o, r->model->dtype);
    n += state_size(r, i);
  }
  r->state = mlpi_calloc(r->rt, n, sizeof *r->state);
  if (r->state == NULL) return MLP_ENOMEM;
  r->n_state = n;
  return MLP_OK;
}

/* A metric's mean over a batch, or sums of its weighted rows and of weights. */
static void add_traced (const mlpi_Array *value, double rows, double *state) {
  const bool weighted = value->ndim > 0;
  state[0] += mlpi_get(value, 0) * (weighted ? 1 : rows);
  state[1] += weighted ? mlpi_get(value, 1) : rows;
}

static void add_metrics (mlpi_Run *r, const mlpi_Stage *g) {
  const mlp_Model *m = r->model;
  double *state = r->state;
  for (int i = 0; i < m->n_metrics; i++) {
    const mlpi_Measure *q = &m->metric[i];
    const mlp_Metric *k = (const mlp_Metric *)r->metric[i];
    if (k->apply != NULL) {
      add_traced(&g->value[i].at, (double)g->rows, state);
      state += state_size(r, i);
      continue;
    }
    const mlpi_End *w = &g->w[q->output];
    const mlpi_Scored s = { &g->y[q->output].at, &g->p[q->output].at,
                            q->weighted && w->symbol != NULL ? w->at.data
                                                             : NULL };
    k->update(q->o, &s, state);
    state += state_size(r, i);
  }
}

/* Rows of the predictions, to their place. */
static void copy_outputs (const mlpi_Run *r, const mlpi_Stage *g) {
  for (int i = 0; i < r->model->n_out; i++) {
    const mlpi_Array *from = &g->p[i].at;
    size_t row = r->width[i] * mlpi_dtype_size(from->dtype);
    mlpi_Array to = *from;
    mlpi_set_strides(&to);
    to.data = (char *)r->out[i]->a.data + r->at * row;
    mlpi_array_copy(from, &to);
  }
}

static void add_loss (mlpi_Run *r, double rows, double loss) {
  r->batch_loss = loss;
  r->loss_sum += loss * rows;
}

static void add_losses (mlpi_Run *r, const mlpi_Stage *g) {
  const double rows = (double)g->rows;
  add_loss(r, rows, mlpi_get(&g->loss.at, 0));
  for (int i = 0; i < r->model->n_out; i++)
    if (g->part[i].symbol != NULL)
      r->part_sum[i] += mlpi_get(&g->part[i].at, 0) * rows;
}

static void count_batch (mlpi_Run *r, size_t rows) {
  r->at += rows;
  r->seen += rows;
  r->batches++;
  r->done = r->at == r->rows || r->diverged;
}

void mlpi_run_finish (mlpi_Run *r, const mlpi_Stage *g) {
  if (r->mode == MLPI_PREDICT) {
    copy_outputs(r, g);
  } else {
    add_losses(r, g);
    add_metrics(r, g);
  }
  count_batch(r, g->rows);
}

void mlpi_run_finish_bare (mlpi_Run *r, size_t rows, double loss) {
  add_loss(r, (double)rows, loss);
  count_batch(r, rows);
}

double mlpi_run_loss (const mlpi_Run *r) {
  return r->seen == 0 ? 0 : r->loss_sum / (double)r->seen;
}

double mlpi_run_part (const mlpi_Run *r, int i) {
  return r->seen == 0 ? 0 : r->part_sum[i] / (double)r->seen;
}

double mlpi_run_metric (const mlpi_Run *r, int i) {
  const mlp_Object *o = r->model->metric[i].o;
  return ((const mlp_Metric *)o->kind)
      ->result(o, width_of(r, i), state_of(r, i));
}
