/*
** batch.c - one batch after the other: forward, loss, backward, step.
*/
#include "tensor/stats.h"
#include "train/run.h"

#include <math.h>
#include <stdio.h>

/* What layers counted goes back to what it was before the batch. */
static void undo_counts (mlpi_Run *r) {
  if (r->kept != NULL) mlpi_run_copy_counts(r, true);
}

/* What a batch takes besides its plan, for the profile. */
static void note (const mlpi_Run *r, const mlpi_Stage *g, const char *name,
                  const char *pass, double start) {
  const mlp_Model *m = r->model;
  if (m->profile == NULL) return;
  const double size = (double)mlpi_dtype_size(m->dtype);
  const bool step = pass[0] == 's'; /* w is read and written, g read */
  double n = step ? (double)m->n_flat : 0;
  for (int i = 0; i < m->n_in && !step; i++)
    n += (double)mlpi_count(&g->x[i].at);
  double bytes = n * size * (step ? 3 + 2 * mlpi_model_slots(m) : 2);
  mlpi_profile_add(m->profile, name, pass, mlpi_now() - start, n, bytes);
}

/* Where a loss that is not finite came from, while the batch is there. */
static void explain (mlpi_Run *r, mlpi_Stage *g) {
  r->bad_rows =
      mlpi_model_culprit(r->model, g, &r->culprit, MLPI_BAD_ROWS, r->bad_row);
  for (size_t i = 0; i < r->bad_rows && i < MLPI_BAD_ROWS; i++) {
    size_t at = r->at + r->bad_row[i];
    r->bad_row[i] = r->order != NULL && at < r->rows ? r->order[at] : at;
  }
}

/* The culprit is the first weight whose gradient is not finite. */
static void blame_gradient (mlpi_Run *r) {
  for (int i = 0; i < r->model->n_layers; i++) {
    const mlp_Layer *l = r->model->layer[i];
    for (int j = 0; j < l->n_weights; j++) {
      const mlp_Tensor *t = l->weight[j].tensor;
      if (!t->requires_grad) continue;
      if (mlpi_all_finite(r->rt, t->a.dtype, mlpi_count(&t->a),
                          t->grad->a.data))
        continue;
      r->culprit = (mlpi_Culprit){ .op = l->weight[j].name, .gradient = true };
      snprintf(r->culprit.layer, MLPI_LAYER_NAME, "%s", l->name);
      return;
    }
  }
}

bool mlpi_run_bad_gradient (mlpi_Run *r) {
  const mlp_Model *m = r->model;
  if (m->grads == NULL ||
      mlpi_all_finite(r->rt, m->dtype, m->n_flat, m->grads->data))
    return false;
  blame_gradient(r);
  return true;
}

/* What batches have in common as long as no script runs between them: the
** stage, and what the optimizer read from its options. */
typedef struct Series {
  mlpi_Stage *g; /* NULL: not looked for yet */
  bool begun;    /* 'step' is */
  mlpi_Step step;
} Series;

static mlp_Status find_stage (const mlpi_Run *r, Series *k) {
  if (k->g != NULL && k->g->rows == mlpi_run_rows_next(r)) return MLP_OK;
  k->begun = false;
  return mlpi_run_stage(r, &k->g);
}

/* Gradients of the loss, by way of a multiple of it. */
static mlp_Status backward (mlpi_Run *r, mlpi_Stage *g) {
  mlpi_plan_scale_loss(g->plan, 0, mlpi_model_loss_scale(r->model));
  mlp_Status s = mlpi_plan_backward(g->plan);
  if (s != MLP_OK) return s;
  mlpi_model_unscale(r->model);
  r->diverged = mlpi_run_bad_gradient(r);
  return MLP_OK;
}

/* Forward and backward. A loss that is not finite ends the training: there is
** no gradient then. On failure the batch counts as not begun. */
static mlp_Status begin_batch (mlpi_Run *r, Series *k) {
  mlp_Status s = find_stage(r, k);
  if (s != MLP_OK) return s;
  mlpi_Stage *g = k->g;
  mlpi_plan_profile(g->plan, r->model->profile);
  const double start = r->model->profile != NULL ? mlpi_now() : 0;
  mlpi_run_lend(r, g);
  note(r, g, "gather a batch", "data", start);
  if (r->kept != NULL) mlpi_run_copy_counts(r, false);
  s = mlpi_plan_forward(g->plan, r->model->iterations);
  if (s == MLP_OK && r->mode == MLPI_TRAIN) {
    r->diverged = !isfinite(mlpi_get(&g->loss.at, 0));
    if (r->diverged)
      explain(r, g);
    else
      s = backward(r, g);
  }
  if (s != MLP_OK) undo_counts(r);
  return s;
}

typedef struct Look {
  mlpi_Run *r;
  mlpi_Stage *g;
} Look;

/* The batch once more, at the weights of now. */
static mlp_Status look_again (void *ud, double *loss) {
  const Look *k = ud;
  undo_counts(k->r);
  mlp_Status s = mlpi_check_cancel(k->r->rt);
  if (s == MLP_OK) s = mlpi_plan_forward(k->g->plan, k->r->model->iterations);
  if (s != MLP_OK) return s;
  *loss = mlpi_get(&k->g->loss.at, 0);
  return isfinite(*loss) ? mlpi_plan_backward(k->g->plan) : MLP_OK;
}

static mlp_Status step (mlpi_Run *r, Series *k) {
  Look look = { r, k->g };
  if (mlpi_model_descends(r->model))
    return mlpi_model_descend(r->model, mlpi_get(&k->g->loss.at, 0), &look,
                              look_again, &r->stalled);
  mlp_Status s = MLP_OK;
  if (!k->begun) s = mlpi_step_begin(&k->step, r->model);
  k->begun = s == MLP_OK;
  if (s == MLP_OK) s = mlpi_step_check(&k->step);
  if (s == MLP_OK) mlpi_step_take(&k->step);
  return s;
}

/* The step along the gradient, and what is counted. */
static mlp_Status end_batch (mlpi_Run *r, Series *k) {
  mlp_Status s = MLP_OK;
  const double start = r->model->profile != NULL ? mlpi_now() : 0;
  if (r->mode == MLPI_TRAIN && !r->diverged) s = step(r, k);
  note(r, k->g, "optimizer", "step", start);
  if (s != MLP_OK || r->diverged) undo_counts(r);
  if (s == MLP_OK) mlpi_run_finish(r, k->g);
  return s;
}

mlp_Status mlpi_run_hold (mlpi_Run *r) {
  Series k = { .g = NULL };
  mlp_Status s = mlpi_check_cancel(r->rt);
  if (s != MLP_OK || r->done || r->held != 0) return s;
  s = begin_batch(r, &k);
  if (s == MLP_OK) r->held = k.g->number;
  return s;
}

/* The second half of a batch that was held. Its stage is gone where somebody
** compiled the model anew: then it counts as not begun. */
static mlp_Status end_held (mlpi_Run *r, Series *k) {
  const uint64_t held = r->held;
  r->held = 0;
  mlp_Status s = find_stage(r, k);
  if (s == MLP_OK && k->g->number != held)
    s = mlpi_error(r->rt, MLP_ESTATE,
                   "fit: the model was changed between a gradient and its "
                   "step");
  if (s == MLP_OK) return end_batch(r, k);
  undo_counts(r);
  return s;
}

/* One batch, or what is left of one that was held. */
static mlp_Status batch (mlpi_Run *r, Series *k) {
  if (r->held != 0) return end_held(r, k);
  mlp_Status s = mlpi_check_cancel(r->rt);
  if (s == MLP_OK) s = begin_batch(r, k);
  if (s == MLP_OK) s = end_batch(r, k);
  if (k->g != NULL) mlpi_run_take_back(r, k->g);
  return s;
}

/* What others see of the batches that were done. */
static void show (const mlpi_Run *r, const Series *k) {
  if (k->begun) mlpi_model_touch(r->model);
  if (r->mode == MLPI_TRAIN && r->batches > 0) mlpi_run_publish(r);
}

/* The clock is read after 1, 2, 4 ... 64 batches: seldom where they are tiny,
** soon where they are large. */
mlp_Status mlpi_run_on (mlpi_Run *r, size_t batches, double seconds) {
  const double end = batches == 1 ? 0 : mlpi_now() + seconds;
  Series k = { .g = NULL };
  mlp_Status s = MLP_OK;
  for (size_t look = 1, i = 1; !r->done; i++) {
    s = batch(r, &k);
    if (s != MLP_OK || i == batches) break;
    if (i < look) continue;
    double t = mlpi_now();
    if (t > end) break;
    if (r->mode == MLPI_TRAIN) mlpi_run_publish(r);
    look = i + (t + seconds / 4 > end ? 1 : look < 64 ? look : 64);
  }
  show(r, &k);
  return s;
}

mlp_Status mlpi_predict_on_batch (mlp_Model *m, const mlpi_Feed *feed,
                                  mlp_Tensor **out) {
  mlpi_Run r;
  const mlp_Tensor *x = feed->x[0];
  *out = NULL;
  mlp_Status s = mlpi_run_open(&r, m, MLPI_PREDICT, feed,
                               x->a.ndim > 0 ? x->a.shape[0] : 1);
  if (s != MLP_OK) return s;
  s = mlpi_run_on(&r, 1, 0);
  if (s == MLP_OK) *out = mlpi_tensor_retain(r.out[0]);
  mlpi_run_close(&r);
  return s;
}

mlp_Status mlpi_train_on_batch (mlp_Model *m, const mlpi_Feed *feed,
                                double *loss) {
  mlpi_Run r;
  const mlp_Tensor *x = feed->x[0];
  size_t rows = x != NULL && x->a.ndim > 0 ? x->a.shape[0] : 1;
  mlp_Status s = mlpi_run_open(&r, m, MLPI_TRAIN, feed, rows);
  if (s != MLP_OK) return s;
  s = mlpi_run_on(&r, 1, 0);
  if (s == MLP_OK) *loss = r.batch_loss;
  mlpi_run_close(&r);
  return s;
}
