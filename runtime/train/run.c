/*
** run.c - a resumable pass over rows: gather, forward, loss, backward, step.
*/
#include "train/train.h"
#include "loss/loss.h"

#include <math.h>
#include <string.h>

static mlp_Status check_targets (const mlp_Model *m, const mlp_Tensor *x,
                                 const mlp_Tensor *y) {
  if (y == NULL)
    return mlpi_error(m->rt, MLP_EARG, "fit: expected targets y, got none");
  if (y->a.ndim < 1 || y->a.shape[0] != x->a.shape[0])
    return mlpi_error(m->rt, MLP_ESHAPE,
                      "fit: x and y differ in rows: x has %zu, y has %zu",
                      x->a.shape[0], y->a.ndim < 1 ? 0 : y->a.shape[0]);
  if (m->loss == NULL && m->host_loss == NULL)
    return mlpi_error(m->rt, MLP_ESTATE,
                      "fit: expected a compiled model; call model:compile{...} "
                      "first");
  return MLP_OK;
}

/* Labels against the width of the output, once, before the first batch. */
static mlp_Status check_labels (mlp_Model *m, const mlp_Tensor *y,
                                const mlpi_Stage *g) {
  if (m->loss == NULL || y->a.dtype != MLP_INT64) return MLP_OK;
  const mlp_Loss *k = (const mlp_Loss *)m->loss->kind;
  size_t width = mlpi_width(&g->p_at);
  if (k->target == MLPI_TARGET_VALUES) return MLP_OK;
  return mlpi_check_labels(m->rt, k->name, &y->a,
                           k->target == MLPI_TARGET_BINARY ? 2 : (double)width);
}

static mlp_Status stage (mlpi_Run *r, mlpi_Stage **g) {
  size_t left = r->rows - r->at;
  size_t n = left < r->batch_size ? left : r->batch_size;
  return mlpi_model_stage(r->model, n, r->mode == MLPI_TRAIN, r->y, g);
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
  return mlpi_model_stage(r->model, rest, r->mode == MLPI_TRAIN, r->y, &last);
}

static size_t state_size (const mlpi_Run *r, int i) {
  const mlp_Object *o = r->model->metric[i];
  const mlp_Metric *k = (const mlp_Metric *)o->kind;
  return k->room == NULL ? MLPI_METRIC_STATE : k->room(o, r->width);
}

/* Where the state of metric i begins. */
static double *state_of (const mlpi_Run *r, int i) {
  double *at = r->state;
  for (int k = 0; k < i; k++) at += state_size(r, k);
  return at;
}

static mlp_Status make_states (mlpi_Run *r) {
  size_t n = 0;
  for (int i = 0; i < r->model->n_metrics; i++) n += state_size(r, i);
  r->state = mlpi_calloc(r->rt, n, sizeof *r->state);
  if (r->state == NULL) return MLP_ENOMEM;
  r->n_state = n;
  return MLP_OK;
}

/* Compile ahead; make room for the metrics, or for the output. */
static mlp_Status prepare (mlpi_Run *r) {
  mlpi_Stage *g;
  mlp_Model *m = r->model;
  mlp_Status s = MLP_OK;
  if (!m->built)
    s = mlpi_model_build(m, r->x->a.dtype, r->x->a.ndim - 1, r->x->a.shape + 1);
  if (s == MLP_OK) s = prepare_stages(r, &g);
  if (s == MLP_OK && r->y != NULL) s = check_labels(m, r->y, g);
  if (s == MLP_OK) s = make_kept(r);
  if (s != MLP_OK) return s;
  r->width = mlpi_width(&g->p_at);
  if (r->mode != MLPI_PREDICT) return make_states(r);
  size_t shape[MLP_MAXDIM];
  memcpy(shape, g->p_at.shape, sizeof shape);
  shape[0] = r->rows;
  return mlpi_tensor_new(r->rt, m->dtype, g->p_at.ndim, shape, &r->out);
}

static mlp_Status check_input (mlp_Model *m, const mlp_Tensor *x) {
  char text[MLPI_SHAPE_TEXT];
  if (x->a.ndim < 2)
    return mlpi_error(m->rt, MLP_ESHAPE,
                      "model: expected x of shape (rows, features), got %s",
                      mlpi_shape_text(x->a.ndim, x->a.shape, text));
  if (!mlpi_is_real(x->a.dtype))
    return mlpi_error(m->rt, MLP_ETYPE,
                      "model: expected x of float32 or float64, got %s; use "
                      "x:float()",
                      mlpi_dtype_name(x->a.dtype));
  if (m->built && x->a.dtype != m->dtype)
    return mlpi_error(m->rt, MLP_ETYPE, "model: expected x of %s, got %s",
                      mlpi_dtype_name(m->dtype), mlpi_dtype_name(x->a.dtype));
  return MLP_OK;
}

void mlpi_run_release (mlpi_Run *r) {
  if (r == NULL) return;
  mlp_Runtime *rt = r->rt;
  mlpi_free(rt, r->kept, r->kept_bytes);
  mlpi_free(rt, r->order, r->rows * sizeof *r->order);
  mlpi_free(rt, r->state, r->n_state * sizeof *r->state);
  mlpi_tensor_release(r->x);
  mlpi_tensor_release(r->y);
  mlpi_tensor_release(r->out);
  mlpi_model_release(r->model);
  mlpi_free(rt, r, sizeof *r);
}

void mlpi_run_restart (mlpi_Run *r, uint64_t epoch) {
  if (r->held != 0 && r->kept != NULL) copy_counts(r, true);
  r->held = 0;
  r->epoch = epoch > 0 ? epoch : r->epoch + (r->batches > 0 || r->epoch == 0);
  r->at = 0;
  r->batches = 0;
  r->loss_sum = 0;
  if (r->n_state > 0) memset(r->state, 0, r->n_state * sizeof *r->state);
  r->done = r->rows == 0;
  if (r->order != NULL) mlpi_shuffle_order(r->rt, epoch, r->rows, r->order);
}

mlp_Status mlpi_run_new (mlp_Model *m, mlpi_Mode mode, mlp_Tensor *x,
                         mlp_Tensor *y, size_t batch_size, uint64_t epoch,
                         mlpi_Run **out) {
  *out = NULL;
  mlp_Status s = check_input(m, x);
  if (s == MLP_OK && mode != MLPI_PREDICT) s = check_targets(m, x, y);
  if (s != MLP_OK) return s;
  mlpi_Run *r = mlpi_calloc(m->rt, 1, sizeof *r);
  if (r == NULL) return MLP_ENOMEM;
  r->rt = m->rt;
  r->model = mlpi_model_retain(m);
  r->mode = mode;
  r->x = mlpi_tensor_retain(x);
  r->y = mode == MLPI_PREDICT ? NULL : mlpi_tensor_retain(y);
  r->rows = x->a.shape[0];
  r->batch_size = batch_size;
  if (mode == MLPI_TRAIN && epoch > 0) {
    r->order = mlpi_alloc(m->rt, r->rows * sizeof *r->order);
    if (r->order == NULL) s = MLP_ENOMEM;
  }
  if (s == MLP_OK) {
    mlpi_run_restart(r, epoch);
    s = prepare(r);
  }
  if (s != MLP_OK) {
    mlpi_run_release(r);
    return s;
  }
  *out = r;
  return MLP_OK;
}

/* Rows at..at+n of t, in the pass's order, into the stage's input. */
static void gather (const mlpi_Run *r, const mlp_Tensor *t, size_t n,
                    void *to) {
  if (r->order != NULL) {
    mlpi_gather_rows(t, n, r->order + r->at, to);
    return;
  }
  mlpi_Array from = t->a, into = t->a;
  ptrdiff_t bytes = (ptrdiff_t)mlpi_dtype_size(t->a.dtype);
  from.data = (char *)t->a.data + (ptrdiff_t)r->at * t->a.stride[0] * bytes;
  from.shape[0] = into.shape[0] = n;
  mlpi_set_strides(&into);
  into.data = to;
  mlpi_array_copy(&from, &into);
}

static void add_metrics (mlpi_Run *r, const mlpi_Stage *g) {
  const mlp_Model *m = r->model;
  for (int i = 0; i < m->n_metrics; i++) {
    const mlp_Metric *k =
        (const mlp_Metric *)mlpi_object_kind(m->metric[i], m->dtype);
    k->update(m->metric[i], &g->y_at, &g->p_at, state_of(r, i));
  }
}

/* What is done with the results of a forward pass. */
static void finish_batch (mlpi_Run *r, const mlpi_Stage *g) {
  if (r->mode == MLPI_PREDICT) {
    size_t row = mlpi_width(&g->p_at) * mlpi_dtype_size(g->p_at.dtype);
    mlpi_Array to = g->p_at;
    mlpi_set_strides(&to);
    to.data = (char *)r->out->a.data + r->at * row;
    mlpi_array_copy(&g->p_at, &to);
  } else {
    r->batch_loss = mlpi_get(&g->loss_at, 0);
    r->loss_sum += r->batch_loss * (double)g->rows;
    add_metrics(r, g);
  }
  r->at += g->rows;
  r->batches++;
  r->done = r->at == r->rows || r->diverged;
}

static void publish (const mlpi_Run *r) {
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

/* Forward and backward. A loss that is not finite ends the training: there is
** no gradient then. On failure the batch counts as not begun. */
static mlp_Status begin_batch (mlpi_Run *r, mlpi_Stage **g) {
  mlp_Status s = stage(r, g);
  if (s != MLP_OK) return s;
  gather(r, r->x, (*g)->rows, (*g)->x_at.data);
  if (r->y != NULL) gather(r, r->y, (*g)->rows, (*g)->y_at.data);
  if (r->kept != NULL) copy_counts(r, false);
  s = mlpi_plan_forward((*g)->plan, r->model->iterations);
  if (s == MLP_OK && r->mode == MLPI_TRAIN) {
    r->diverged = !isfinite(mlpi_get(&(*g)->loss_at, 0));
    if (!r->diverged) s = mlpi_plan_backward((*g)->plan);
  }
  if (s != MLP_OK) undo_counts(r);
  return s;
}

/* The step along the gradient, and what is counted. */
static mlp_Status end_batch (mlpi_Run *r, const mlpi_Stage *g) {
  mlp_Status s = MLP_OK;
  if (r->mode == MLPI_TRAIN && !r->diverged) s = mlpi_model_step(r->model);
  if (s != MLP_OK || r->diverged) undo_counts(r);
  if (s != MLP_OK) return s;
  finish_batch(r, g);
  if (r->mode == MLPI_TRAIN) publish(r);
  return MLP_OK;
}

static mlp_Status batch (mlpi_Run *r) {
  mlpi_Stage *g;
  mlp_Status s = begin_batch(r, &g);
  return s != MLP_OK ? s : end_batch(r, g);
}

mlp_Status mlpi_run_hold (mlpi_Run *r) {
  mlpi_Stage *g;
  mlp_Status s = mlpi_check_cancel(r->rt);
  if (s != MLP_OK || r->done || r->held != 0) return s;
  s = begin_batch(r, &g);
  if (s == MLP_OK) r->held = g->number;
  return s;
}

/* The second half of a batch that was held. Its stage is gone where somebody
** compiled the model anew: then it counts as not begun. */
static mlp_Status end_held (mlpi_Run *r) {
  mlpi_Stage *g;
  const uint64_t held = r->held;
  r->held = 0;
  mlp_Status s = stage(r, &g);
  if (s == MLP_OK && g->number != held)
    s = mlpi_error(r->rt, MLP_ESTATE,
                   "fit: the model was changed between a gradient and its "
                   "step");
  if (s == MLP_OK) return end_batch(r, g);
  undo_counts(r);
  return s;
}

/* The clock is read after 1, 2, 4 ... 64 batches: seldom where they are tiny,
** soon where they are large. */
mlp_Status mlpi_run_on (mlpi_Run *r, size_t batches, double seconds) {
  double end = mlpi_now() + seconds;
  size_t look = 1;
  for (size_t i = 1; !r->done; i++) {
    mlp_Status s = MLP_OK;
    if (r->held != 0)
      s = end_held(r);
    else if ((s = mlpi_check_cancel(r->rt)) == MLP_OK)
      s = batch(r);
    if (s != MLP_OK) return s;
    if (i == batches) break;
    if (i < look) continue;
    double t = mlpi_now();
    if (t > end) break;
    look = i + (t + seconds / 4 > end ? 1 : look < 64 ? look : 64);
  }
  return MLP_OK;
}

double mlpi_run_loss (const mlpi_Run *r) {
  return r->at == 0 ? 0 : r->loss_sum / (double)r->at;
}

double mlpi_run_metric (const mlpi_Run *r, int i) {
  const mlp_Object *o = r->model->metric[i];
  return ((const mlp_Metric *)o->kind)->result(o, r->width, state_of(r, i));
}

mlp_Status mlpi_train_on_batch (mlp_Model *m, mlp_Tensor *x, mlp_Tensor *y,
                                double *loss) {
  mlpi_Run *r;
  size_t rows = x->a.ndim > 0 ? x->a.shape[0] : 1;
  mlp_Status s = mlpi_run_new(m, MLPI_TRAIN, x, y, rows, 0, &r);
  if (s == MLP_OK) s = mlpi_run_on(r, 1, 0);
  if (s == MLP_OK) *loss = r->batch_loss;
  mlpi_run_release(r);
  return s;
}
