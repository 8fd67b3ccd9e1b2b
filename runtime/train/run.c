/*
** run.c - a resumable pass over rows: gather, forward, loss, backward, step.
*/
#include "train/run.h"
#include "loss/loss.h"
#include "tensor/stats.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* "", or " 'price'": which of several outputs. */
static const char *output_name (const mlp_Model *m, int i, char *text,
                                size_t n) {
  text[0] = '\0';
  if (m->n_out > 1) snprintf(text, n, " '%s'", mlpi_model_output_name(m, i));
  return text;
}

static mlp_Status check_rows (const mlp_Model *m, const char *what,
                              const mlp_Tensor *t, size_t rows) {
  if (t->a.ndim >= 1 && t->a.shape[0] == rows) return MLP_OK;
  return mlpi_error(m->rt, MLP_ESHAPE,
                    "fit: x and %s differ in rows: x has %zu, %s has %zu", what,
                    rows, what, t->a.ndim < 1 ? 0 : t->a.shape[0]);
}

static mlp_Status check_weights (const mlp_Model *m, const mlp_Tensor *w,
                                 size_t rows) {
  mlp_Status s = check_rows(m, "sample_weight", w, rows);
  if (s != MLP_OK || (w->a.ndim == 1 && mlpi_is_real(w->a.dtype))) return s;
  return mlpi_error(m->rt, MLP_ESHAPE,
                    "fit: expected a sample weight a row, (%zu,) of floats",
                    rows);
}

static mlp_Status check_targets (const mlp_Model *m, const mlpi_Feed *f) {
  size_t rows = f->x[0]->a.shape[0];
  char name[MLPI_LAYER_NAME + 4];
  if (m->optimizer == NULL)
    return mlpi_error(m->rt, MLP_ESTATE,
                      "fit: expected a compiled model; call model:compile{...} "
                      "first");
  for (int i = 0; i < m->n_out; i++) {
    if (!mlpi_model_wants(m, i)) continue;
    if (f->y[i] == NULL)
      return mlpi_error(m->rt, MLP_EARG,
                        "fit: expected targets y%s%s, got none",
                        m->n_out > 1 ? " for output" : "",
                        output_name(m, i, name, sizeof name));
    mlp_Status s = check_rows(m, "y", f->y[i], rows);
    if (s == MLP_OK && f->w[i] != NULL) s = check_weights(m, f->w[i], rows);
    if (s != MLP_OK) return s;
  }
  return MLP_OK;
}

/* Labels against the width of the output, once, before the first batch. */
static mlp_Status check_labels (mlp_Model *m, int i, const mlp_Tensor *y,
                                size_t width) {
  const mlp_Object *loss = m->out[i].loss;
  if (loss == NULL || y->a.dtype != MLP_INT64) return MLP_OK;
  const size_t most = mlpi_largest_label((const mlp_Loss *)loss->kind, width);
  return most == 0 ? MLP_OK : mlpi_check_labels(loss, &y->a, (double)most);
}

/* What the stage is compiled for: NULL for predictions. */
static const mlpi_Feed *feed_of (const mlpi_Run *r) {
  return r->mode == MLPI_PREDICT ? NULL : &r->feed;
}

/* Rows of the next batch. */
static size_t rows_next (const mlpi_Run *r) {
  const size_t left = r->rows - r->at;
  return left < r->batch_size ? left : r->batch_size;
}

static mlp_Status stage (const mlpi_Run *r, mlpi_Stage **g) {
  return mlpi_model_stage(r->model, rows_next(r), r->mode == MLPI_TRAIN,
                          feed_of(r), g);
}

/* Copy what layers count as they run (moving averages) to r->kept, or back;
** r->kept NULL: only say how much it is. */
static size_t copy_counts (const mlpi_Run *r, bool back) {
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
  size_t n = r->mode == MLPI_TRAIN ? copy_counts(r, false) : 0;
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
  mlp_Status s = stage(r, g);
  if (s != MLP_OK || rest == 0) return s;
  return mlpi_model_stage(r->model, rest, r->mode == MLPI_TRAIN, feed_of(r),
                          &last);
}

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

static mlp_Status make_states (mlpi_Run *r) {
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

static mlp_Status check_all_labels (mlpi_Run *r) {
  mlp_Status s = MLP_OK;
  for (int i = 0; i < r->model->n_out && s == MLP_OK; i++)
    if (r->feed.y[i] != NULL)
      s = check_labels(r->model, i, r->feed.y[i], r->width[i]);
  return s;
}

/* Compile ahead; make room for the metrics, or for the output. */
static mlp_Status prepare (mlpi_Run *r) {
  mlpi_Stage *g;
  mlp_Model *m = r->model;
  mlp_Status s = mlpi_model_build_for(m, r->feed.x);
  if (s == MLP_OK) s = prepare_stages(r, &g);
  for (int i = 0; i < m->n_out && s == MLP_OK; i++)
    r->width[i] = mlpi_width(&g->p[i].at);
  if (s == MLP_OK) s = check_all_labels(r);
  if (s == MLP_OK) s = make_kept(r);
  if (s != MLP_OK) return s;
  return r->mode == MLPI_PREDICT ? make_outputs(r, g) : make_states(r);
}

/* The same without a plan: those of another run, of a model alike, will do. */
static mlp_Status prepare_beside (mlpi_Run *r, const mlpi_Run *other) {
  memcpy(r->width, other->width, sizeof r->width);
  mlp_Status s = mlpi_model_prepare(r->model);
  if (s == MLP_OK) s = check_all_labels(r);
  if (s == MLP_OK) s = make_kept(r);
  return s != MLP_OK ? s : make_states(r);
}

static bool takes_integers (const mlp_Model *m, int input) {
  for (int k = 0; k < m->n_uses; k++)
    for (int j = 0; j < m->use[k].n_in; j++)
      if (m->use[k].in[j] == -1 - input)
        return ((const mlp_LayerKind *)m->use[k].layer->o->kind)->integers;
  return false;
}

/* Rows of the shape that the model was built for. */
static mlp_Status check_row_shape (const mlp_Model *m, int i,
                                   const mlpi_Array *x) {
  const mlpi_Array *like = &m->in[i].like;
  char want[MLPI_SHAPE_TEXT], got[MLPI_SHAPE_TEXT];
  bool same = x->ndim == like->ndim;
  for (int d = 1; same && d < x->ndim; d++)
    same = x->shape[d] == like->shape[d];
  if (same) return MLP_OK;
  return mlpi_error(m->rt, MLP_ESHAPE,
                    "model: expected rows of shape %s, for which it was built, "
                    "got x of shape %s",
                    mlpi_shape_text(like->ndim - 1, like->shape + 1, want),
                    mlpi_shape_text(x->ndim, x->shape, got));
}

static mlp_Status check_input (mlp_Model *m, int i, const mlpi_Feed *f) {
  const mlp_Tensor *x = f->x[i];
  char text[MLPI_SHAPE_TEXT];
  if (x == NULL)
    return mlpi_error(m->rt, MLP_EARG, "model: expected %d inputs, got %d",
                      m->n_in, i);
  if (x->a.ndim < (takes_integers(m, i) ? 1 : 2))
    return mlpi_error(m->rt, MLP_ESHAPE,
                      "model: expected x of shape (rows, features), got %s",
                      mlpi_shape_text(x->a.ndim, x->a.shape, text));
  if (!mlpi_is_real(x->a.dtype) && !takes_integers(m, i))
    return mlpi_error(m->rt, MLP_ETYPE,
                      "model: expected x of float32 or float64, got %s; use "
                      "x:float()",
                      mlpi_dtype_name(x->a.dtype));
  if (x->a.shape[0] != f->x[0]->a.shape[0])
    return mlpi_error(m->rt, MLP_ESHAPE,
                      "model: inputs differ in rows: %zu and %zu",
                      f->x[0]->a.shape[0], x->a.shape[0]);
  if (m->built && x->a.dtype != m->in[i].like.dtype)
    return mlpi_error(m->rt, MLP_ETYPE, "model: expected x of %s, got %s",
                      mlpi_dtype_name(m->in[i].like.dtype),
                      mlpi_dtype_name(x->a.dtype));
  return m->built ? check_row_shape(m, i, &x->a) : MLP_OK;
}

void mlpi_run_release (mlpi_Run *r) {
  if (r == NULL) return;
  mlp_Runtime *rt = r->rt;
  mlpi_free(rt, r->kept, r->kept_bytes);
  mlpi_free(rt, r->order, r->rows * sizeof *r->order);
  mlpi_free(rt, r->state, r->n_state * sizeof *r->state);
  for (int i = 0; i < MLPI_PORTS; i++) {
    mlpi_tensor_release(r->feed.x[i]);
    mlpi_tensor_release(r->feed.y[i]);
    mlpi_tensor_release(r->feed.w[i]);
    mlpi_tensor_release(r->out[i]);
  }
  mlpi_model_release(r->model);
  mlpi_free(rt, r, sizeof *r);
}

/* A batch that waits for its step will not get it. */
static void drop_held (mlpi_Run *r) {
  if (r->held != 0 && r->kept != NULL) copy_counts(r, true);
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

/* The rows in that order, which 'other' may have. */
static void turn (mlpi_Run *r, uint64_t order, const mlpi_Run *other) {
  drop_held(r);
  r->at = 0;
  r->done = r->rows == 0;
  if (r->order == NULL) return;
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

static mlp_Status check_feed (mlp_Model *m, mlpi_Mode mode,
                              const mlpi_Feed *feed) {
  mlp_Status s = MLP_OK;
  for (int i = 0; i < m->n_in && s == MLP_OK; i++) s = check_input(m, i, feed);
  if (s != MLP_OK || mode == MLPI_PREDICT) return s;
  if (feed->x[0]->a.shape[0] == 0)
    return mlpi_error(m->rt, MLP_EARG, "%s: expected rows, got none",
                      mode == MLPI_TRAIN ? "fit" : "evaluate");
  return check_targets(m, feed);
}

static void drop_feed (mlpi_Feed *feed) {
  for (int i = 0; i < MLPI_PORTS; i++) {
    mlpi_tensor_release(feed->x[i]);
    mlpi_tensor_release(feed->y[i]);
    mlpi_tensor_release(feed->w[i]);
  }
  memset(feed, 0, sizeof *feed);
}

/* Only what the model reads is held. */
static void hold_feed (mlpi_Run *r, const mlpi_Feed *feed) {
  const mlp_Model *m = r->model;
  for (int i = 0; i < m->n_in; i++)
    r->feed.x[i] = mlpi_tensor_retain(feed->x[i]);
  for (int i = 0; i < m->n_out && r->mode != MLPI_PREDICT; i++) {
    if (!mlpi_model_wants(m, i)) continue;
    r->feed.y[i] = mlpi_tensor_retain(feed->y[i]);
    r->feed.w[i] = mlpi_tensor_retain(feed->w[i]);
  }
}

static mlp_Status new_run (mlp_Model *m, mlpi_Mode mode, const mlpi_Feed *feed,
                           size_t batch_size, uint64_t epoch,
                           const mlpi_Run *beside, mlpi_Run **out) {
  *out = NULL;
  mlp_Status s = check_feed(m, mode, feed);
  if (s != MLP_OK) return s;
  mlpi_Run *r = mlpi_calloc(m->rt, 1, sizeof *r);
  if (r == NULL) return MLP_ENOMEM;
  r->rt = m->rt;
  r->model = mlpi_model_retain(m);
  r->mode = mode;
  hold_feed(r, feed);
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
  if (s != MLP_OK) {
    mlpi_run_release(r);
    return s;
  }
  *out = r;
  return MLP_OK;
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
  mlp_Status s = stage(r, &g);
  return s != MLP_OK ? s : check_all_labels(r);
}

mlp_Status mlpi_run_feed (mlpi_Run *r, const mlpi_Feed *feed) {
  mlpi_Feed old = r->feed;
  const size_t rows = r->rows, at = r->at;
  mlp_Status s = check_feed(r->model, r->mode, feed);
  if (s != MLP_OK) return s;
  if (r->order != NULL || feed->x[0]->a.shape[0] == 0)
    return mlpi_error(r->rt, MLP_EARG,
                      "fit: expected a batch of at least one row, for a pass "
                      "in the order of its rows");
  memset(&r->feed, 0, sizeof r->feed);
  hold_feed(r, feed);
  r->rows = r->batch_size = feed->x[0]->a.shape[0];
  mlpi_run_turn(r, 0);
  s = try_feed(r);
  if (s != MLP_OK) {
    drop_feed(&r->feed);
    r->feed = old;
    r->rows = r->batch_size = rows;
    r->at = at;
    return s;
  }
  drop_feed(&old);
  return MLP_OK;
}

/* Rows at..at+n of t. */
static mlpi_Array rows_at (const mlpi_Run *r, const mlp_Tensor *t, size_t n) {
  mlpi_Array a = t->a;
  const ptrdiff_t bytes = (ptrdiff_t)mlpi_dtype_size(a.dtype);
  a.data = (char *)a.data + (ptrdiff_t)r->at * a.stride[0] * bytes;
  a.shape[0] = n;
  return a;
}

/* The next n rows of t, in the pass's order, into the stage's input. */
static void gather (const mlpi_Run *r, const mlp_Tensor *t, size_t n,
                    void *to) {
  if (r->order != NULL) {
    mlpi_gather_rows(t, n, r->order + r->at, to);
    return;
  }
  mlpi_Array from = rows_at(r, t, n), into = from;
  mlpi_set_strides(&into);
  into.data = to;
  mlpi_array_copy(&from, &into);
}

static size_t bytes_of (const mlpi_Array *a) {
  return mlpi_count(a) * mlpi_dtype_size(a->dtype);
}

/* Does an output lie in that input's memory? */
static bool is_output (const mlpi_Run *r, const mlpi_Stage *g,
                       const mlpi_Array *x) {
  const char *begin = x->data, *end = begin + bytes_of(x);
  for (int i = 0; i < r->model->n_out; i++) {
    const char *p = g->p[i].at.data;
    if (p >= begin && p < end) return true;
  }
  return false;
}

enum { LARGE = 1 << 16 }; /* bytes that are worth a change of the plan */

static bool lies_apart (const mlpi_Run *r, const mlpi_Stage *g, int i) {
  const mlpi_Array *x = &g->x[i].at;
  if (bytes_of(x) < LARGE) return false;
  const mlpi_Array rows = rows_at(r, r->feed.x[i], g->rows);
  return mlpi_contiguous(&rows) && !is_output(r, g, x);
}

/* May the plan read input i of the batch where it lies? Never in training,
** whose steps need not look further. */
static inline bool lends (const mlpi_Run *r, const mlpi_Stage *g, int i) {
  return r->mode != MLPI_TRAIN && r->order == NULL && lies_apart(r, g, i);
}

/* After the batch, the plan's inputs are its own again. */
static void take_back (const mlpi_Run *r, const mlpi_Stage *g) {
  for (int i = 0; i < r->model->n_in; i++)
    if (lends(r, g, i)) mlpi_plan_lend(g->plan, g->x[i].symbol, NULL);
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

static void add_losses (mlpi_Run *r, const mlpi_Stage *g) {
  const double rows = (double)g->rows;
  r->batch_loss = mlpi_get(&g->loss.at, 0);
  r->loss_sum += r->batch_loss * rows;
  for (int i = 0; i < r->model->n_out; i++)
    if (g->part[i].symbol != NULL)
      r->part_sum[i] += mlpi_get(&g->part[i].at, 0) * rows;
}

void mlpi_run_finish (mlpi_Run *r, const mlpi_Stage *g) {
  if (r->mode == MLPI_PREDICT) {
    copy_outputs(r, g);
  } else {
    add_losses(r, g);
    add_metrics(r, g);
  }
  r->at += g->rows;
  r->seen += g->rows;
  r->batches++;
  r->done = r->at == r->rows || r->diverged;
}

void mlpi_run_publish (const mlpi_Run *r) {
  mlpi_set_progress(
      r->rt, &(mlp_Progress){ .epoch = r->epoch,
                              .epochs = r->epochs,
                              .batch = r->batches,
                              .batches = (r->rows - 1) / r->batch_size + 1,
                              .loss = mlpi_run_loss(r) });
}

/* What layers counted goes back to what it was before the batch. */
static void undo_counts (mlpi_Run *r) {
  if (r->kept != NULL) copy_counts(r, true);
}

static void fill_targets (const mlpi_Run *r, const mlpi_Stage *g) {
  for (int i = 0; i < r->model->n_out && g->with_loss; i++) {
    if (g->y[i].symbol != NULL)
      gather(r, r->feed.y[i], g->rows, g->y[i].at.data);
    if (g->w[i].symbol != NULL)
      gather(r, r->feed.w[i], g->rows, g->w[i].at.data);
  }
}

void mlpi_run_fill (const mlpi_Run *r, const mlpi_Stage *g) {
  for (int i = 0; i < r->model->n_in; i++)
    gather(r, r->feed.x[i], g->rows, g->x[i].at.data);
  fill_targets(r, g);
}

/* The same, without copies where none are needed. */
static void fill_batch (const mlpi_Run *r, const mlpi_Stage *g) {
  for (int i = 0; i < r->model->n_in; i++) {
    const mlp_Tensor *x = r->feed.x[i];
    if (lends(r, g, i))
      mlpi_plan_lend(g->plan, g->x[i].symbol, rows_at(r, x, g->rows).data);
    else
      gather(r, x, g->rows, g->x[i].at.data);
  }
  fill_targets(r, g);
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
static void blame_gradient (mlpi_Run *r, const char *flat) {
  const char *own = r->model->grads->data;
  for (int i = 0; i < r->model->n_layers; i++) {
    const mlp_Layer *l = r->model->layer[i];
    for (int j = 0; j < l->n_weights; j++) {
      const mlp_Tensor *t = l->weight[j].tensor;
      if (!t->requires_grad) continue;
      const char *at = flat + ((const char *)t->grad->a.data - own);
      if (mlpi_all_finite(r->rt, t->a.dtype, mlpi_count(&t->a), at)) continue;
      r->culprit = (mlpi_Culprit){ .op = l->weight[j].name, .gradient = true };
      snprintf(r->culprit.layer, MLPI_LAYER_NAME, "%s", l->name);
      return;
    }
  }
}

bool mlpi_run_bad_gradient (mlpi_Run *r, char *flat) {
  const mlp_Model *m = r->model;
  if (flat == NULL) flat = m->grads != NULL ? m->grads->data : NULL;
  if (flat == NULL || mlpi_all_finite(r->rt, m->dtype, m->n_flat, flat))
    return false;
  blame_gradient(r, flat);
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
  if (k->g != NULL && k->g->rows == rows_next(r)) return MLP_OK;
  k->begun = false;
  return stage(r, &k->g);
}

/* Forward and backward. A loss that is not finite ends the training: there is
** no gradient then. On failure the batch counts as not begun. */
static mlp_Status begin_batch (mlpi_Run *r, Series *k) {
  mlp_Status s = find_stage(r, k);
  if (s != MLP_OK) return s;
  mlpi_Stage *g = k->g;
  mlpi_plan_profile(g->plan, r->model->profile);
  const double start = r->model->profile != NULL ? mlpi_now() : 0;
  fill_batch(r, g);
  note(r, g, "gather a batch", "data", start);
  if (r->kept != NULL) copy_counts(r, false);
  s = mlpi_plan_forward(g->plan, r->model->iterations);
  if (s == MLP_OK && r->mode == MLPI_TRAIN) {
    r->diverged = !isfinite(mlpi_get(&g->loss.at, 0));
    if (r->diverged)
      explain(r, g);
    else if ((s = mlpi_plan_backward(g->plan)) == MLP_OK)
      r->diverged = mlpi_run_bad_gradient(r, NULL);
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
  if (!k->begun) s = mlpi_step_begin(&k->step, r->model, NULL, NULL);
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
  if (k->g != NULL) take_back(r, k->g);
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

mlp_Status mlpi_predict_on_batch (mlp_Model *m, const mlpi_Feed *feed,
                                  mlp_Tensor **out) {
  mlpi_Run *r;
  const mlp_Tensor *x = feed->x[0];
  mlp_Status s = mlpi_run_new(m, MLPI_PREDICT, feed,
                              x->a.ndim > 0 ? x->a.shape[0] : 1, 0, &r);
  *out = NULL;
  if (s == MLP_OK) s = mlpi_run_on(r, 1, 0);
  if (s == MLP_OK) {
    *out = r->out[0];
    r->out[0] = NULL;
  }
  mlpi_run_release(r);
  return s;
}

mlp_Status mlpi_train_on_batch (mlp_Model *m, const mlpi_Feed *feed,
                                double *loss) {
  mlpi_Run *r;
  const mlp_Tensor *x = feed->x[0];
  size_t rows = x != NULL && x->a.ndim > 0 ? x->a.shape[0] : 1;
  mlp_Status s = mlpi_run_new(m, MLPI_TRAIN, feed, rows, 0, &r);
  if (s == MLP_OK) s = mlpi_run_on(r, 1, 0);
  if (s == MLP_OK) *loss = r->batch_loss;
  mlpi_run_release(r);
  return s;
}
