/*
** run.c - a pass over rows: its memory, its order, where it is.
*/
#include "train/run.h"

#include <string.h>

/* What the stage is compiled for: NULL for predictions. */
static const mlpi_Feed *feed_of (const mlpi_Run *r) {
  return r->mode == MLPI_PREDICT ? NULL : &r->feed;
}

/* Rows of the next batch. */
size_t mlpi_run_rows_next (const mlpi_Run *r) {
  const size_t left = r->rows - r->at;
  return left < r->batch_size ? left : r->batch_size;
}

mlp_Status mlpi_run_stage (const mlpi_Run *r, mlpi_Stage **g) {
  return mlpi_model_stage(r->model, mlpi_run_rows_next(r),
                          r->mode == MLPI_TRAIN, feed_of(r), g);
}

size_t mlpi_run_copy_counts (const mlpi_Run *r, bool back) {
  size_t at = 0;
  for (int i = 0; i < r->model->n_layers; i++) {
    const mlp_Layer *l = r->model->layer[i];
    for (int j = 0; j < l->n_weights; j++) {
      const mlpi_Array *a = &l->weight[j].tensor->a;
      size_t n = mlpi_count(a) * mlpi_dtype_size(a->dtype);
      if (l->weight[j].trainable) continue;
      if (r->kept != NULL)
        memcpy(back ? a->data : r->kept + at, back ? r->kept + at : a->data, n);
      at += n;
    }
  }
  return at;
}

static mlp_Status make_kept (mlpi_Run *r) {
  size_t n = r->mode == MLPI_TRAIN ? mlpi_run_copy_counts(r, false) : 0;
  if (n == 0) return MLP_OK;
  r->kept = mlpi_alloc(r->rt, n);
  r->kept_bytes = n;
  return r->kept == NULL ? MLP_ENOMEM : MLP_OK;
}

/* Compile the stage of the first batch, and of a last one that is smaller: what
** a layer refuses is known before the first step. */
static mlp_Status prepare_stages (mlpi_Run *r, mlpi_Stage **g) {
  size_t rest = r->batch_size < r->rows ? r->rows % r->batch_size : 0;
  mlpi_Stage *last;
  mlp_Status s = mlpi_run_stage(r, g);
  if (s != MLP_OK || rest == 0) return s;
  return mlpi_model_stage(r->model, rest, r->mode == MLPI_TRAIN, feed_of(r),
                          &last);
}

/* Room for predictions of all rows. */
static mlp_Status make_outputs (mlpi_Run *r, const mlpi_Stage *g) {
  for (int i = 0; i < r->model->n_out; i++) {
    mlpi_Array a = g->p[i].at;
    a.shape[0] = r->rows;
    mlp_Status s = mlpi_tensor_new(r->rt, a.dtype, a.ndim, a.shape, &r->out[i]);
    if (s != MLP_OK) return s;
  }
  return MLP_OK;
}

/* Compile ahead; make room for the metrics, or for the output. */
static mlp_Status prepare (mlpi_Run *r) {
  mlpi_Stage *g;
  mlp_Model *m = r->model;
  mlp_Status s = mlpi_model_build_for(m, r->feed.x);
  if (s == MLP_OK) s = prepare_stages(r, &g);
  for (int i = 0; i < m->n_out && s == MLP_OK; i++)
    r->width[i] = mlpi_width(&g->p[i].at);
  if (s == MLP_OK) s = mlpi_run_check_labels(r);
  if (s == MLP_OK) s = make_kept(r);
  if (s != MLP_OK) return s;
  return r->mode == MLPI_PREDICT ? make_outputs(r, g) : mlpi_run_make_states(r);
}

/* The same without a plan: those of another run, of a model alike, will do. */
static mlp_Status prepare_beside (mlpi_Run *r, const mlpi_Run *other) {
  memcpy(r->width, other->width, sizeof r->width);
  mlp_Status s = mlpi_model_prepare(r->model);
  if (s == MLP_OK) s = mlpi_run_check_labels(r);
  if (s == MLP_OK) s = make_kept(r);
  return s != MLP_OK ? s : mlpi_run_make_states(r);
}

void mlpi_run_close (mlpi_Run *r) {
  mlp_Runtime *rt = r->rt;
  mlpi_free(rt, r->kept, r->kept_bytes);
  mlpi_free(rt, r->order, r->rows * sizeof *r->order);
  mlpi_free(rt, r->state, r->n_state * sizeof *r->state);
  mlpi_feed_drop(r->model, &r->feed);
  for (int i = 0; i < r->model->n_out; i++) mlpi_tensor_release(r->out[i]);
  mlpi_model_release(r->model);
}

void mlpi_run_release (mlpi_Run *r) {
  if (r == NULL) return;
  mlp_Runtime *rt = r->rt;
  mlpi_run_close(r);
  mlpi_free(rt, r, sizeof *r);
}

/* A batch that waits for its step will not get it. */
static void drop_held (mlpi_Run *r) {
  if (r->held != 0 && r->kept != NULL) mlpi_run_copy_counts(r, true);
  r->held = 0;
}

void mlpi_run_clear (mlpi_Run *r, uint64_t epoch) {
  drop_held(r);
  r->epoch = epoch > 0 ? epoch : r->epoch + (r->batches > 0 || r->epoch == 0);
  r->batches = 0;
  r->seen = 0;
  r->loss_sum = 0;
  memset(r->part_sum, 0, sizeof r->part_sum);
  r->bad_rows = 0;
  if (r->n_state > 0) memset(r->state, 0, r->n_state * sizeof *r->state);
}

/* A pass that was only made stands in the order that it begins with. */
static bool has_order (const mlpi_Run *r, uint64_t order) {
  return r->ordered && r->order_seed == r->rt->seed && r->order_number == order;
}

/* The rows in that order, which 'other' may have. */
static void turn (mlpi_Run *r, uint64_t order, const mlpi_Run *other) {
  drop_held(r);
  r->at = 0;
  r->done = r->rows == 0;
  if (r->order == NULL || has_order(r, order)) return;
  r->ordered = true;
  r->order_seed = r->rt->seed;
  r->order_number = order;
  if (other != NULL && other != r && other->order != NULL &&
      other->rows == r->rows && other->order_seed == r->order_seed &&
      other->order_number == order)
    memcpy(r->order, other->order, r->rows * sizeof *r->order);
  else
    mlpi_shuffle_order(r->rt, order, r->rows, r->order);
}

void mlpi_run_turn (mlpi_Run *r, uint64_t order) { turn(r, order, NULL); }

void mlpi_run_restart (mlpi_Run *r, uint64_t epoch, const mlpi_Run *other) {
  mlpi_run_clear(r, epoch);
  turn(r, epoch, other);
}

/* A run in memory of the caller. On failure there is nothing to close. */
static mlp_Status begin_run (mlpi_Run *r, mlp_Model *m, mlpi_Mode mode,
                             const mlpi_Feed *feed, size_t batch_size,
                             uint64_t epoch, const mlpi_Run *beside) {
  mlp_Status s = mlpi_feed_check(m, mode, feed);
  if (s != MLP_OK) return s;
  memset(r, 0, sizeof *r);
  r->rt = m->rt;
  r->model = mlpi_model_retain(m);
  r->mode = mode;
  mlpi_run_hold_feed(r, feed);
  r->rows = feed->x[0]->a.shape[0];
  r->batch_size = batch_size;
  if (mode == MLPI_TRAIN && epoch > 0) {
    r->order = mlpi_alloc(m->rt, r->rows * sizeof *r->order);
    if (r->order == NULL) s = MLP_ENOMEM;
  }
  if (s == MLP_OK) {
    mlpi_run_restart(r, epoch, beside);
    s = beside == NULL ? prepare(r) : prepare_beside(r, beside);
  }
  if (s != MLP_OK) mlpi_run_close(r);
  return s;
}

static mlp_Status new_run (mlp_Model *m, mlpi_Mode mode, const mlpi_Feed *feed,
                           size_t batch_size, uint64_t epoch,
                           const mlpi_Run *beside, mlpi_Run **out) {
  *out = NULL;
  mlpi_Run *r = mlpi_alloc(m->rt, sizeof *r);
  if (r == NULL) return MLP_ENOMEM;
  mlp_Status s = begin_run(r, m, mode, feed, batch_size, epoch, beside);
  if (s == MLP_OK)
    *out = r;
  else
    mlpi_free(m->rt, r, sizeof *r);
  return s;
}

mlp_Status mlpi_run_open (mlpi_Run *r, mlp_Model *m, mlpi_Mode mode,
                          const mlpi_Feed *feed, size_t batch_size) {
  return begin_run(r, m, mode, feed, batch_size, 0, NULL);
}

mlp_Status mlpi_run_new (mlp_Model *m, mlpi_Mode mode, const mlpi_Feed *feed,
                         size_t batch_size, uint64_t epoch, mlpi_Run **out) {
  return new_run(m, mode, feed, batch_size, epoch, NULL, out);
}

mlp_Status mlpi_run_new_beside (const mlpi_Run *other, mlp_Model *m,
                                const mlpi_Feed *feed, uint64_t epoch,
                                mlpi_Run **out) {
  return new_run(m, other->mode, feed, other->batch_size, epoch, other, out);
}

/* The rows of a feed as one batch: compile for it, look at its labels. */
static mlp_Status try_feed (mlpi_Run *r) {
  mlpi_Stage *g;
  mlp_Status s = mlpi_run_stage(r, &g);
  return s != MLP_OK ? s : mlpi_run_check_labels(r);
}

mlp_Status mlpi_run_feed (mlpi_Run *r, const mlpi_Feed *feed) {
  mlpi_Feed old = r->feed;
  const size_t rows = r->rows, at = r->at;
  mlp_Status s = mlpi_feed_check(r->model, r->mode, feed);
  if (s != MLP_OK) return s;
  if (r->order != NULL || feed->x[0]->a.shape[0] == 0)
    return mlpi_error(r->rt, MLP_EARG,
                      "fit: expected a batch of at least one row, for a pass "
                      "in the order of its rows");
  memset(&r->feed, 0, sizeof r->feed);
  mlpi_run_hold_feed(r, feed);
  r->rows = r->batch_size = feed->x[0]->a.shape[0];
  mlpi_run_turn(r, 0);
  s = try_feed(r);
  if (s != MLP_OK) {
    mlpi_feed_drop(r->model, &r->feed);
    r->feed = old;
    r->rows = r->batch_size = rows;
    r->at = at;
    return s;
  }
  mlpi_feed_drop(r->model, &old);
  return MLP_OK;
}

void mlpi_run_publish (const mlpi_Run *r) {
  mlpi_set_progress(
      r->rt, &(mlp_Progress){ .epoch = r->epoch,
                              .epochs = r->epochs,
                              .batch = r->batches,
                              .batches = (r->rows - 1) / r->batch_size + 1,
                              .loss = mlpi_run_loss(r) });
}
