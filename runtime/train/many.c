/*
** many.c - runs of models that are alike, on together, so many at a time as go
** abreast: their weights are copied into a group, a plan over all of them
** computes the gradients of one batch of each, all take their steps, and so on
** until the time is over. Where their steps are of different kinds, or one has
** no batch or no finite gradient, each takes its own as it does alone. Where a
** few are left, or none would gain, each goes by itself.
*/
#include "model/group.h"
#include "train/run.h"

#include <math.h>
#include <string.h>

enum {
  N = MLPI_ABREAST,
  FEW = 3,            /* fewer are as fast one after the other */
  CACHE = 512 * 1024, /* bytes: more are slower */
  LOOK = 16           /* turns at most between two looks at the clock */
};

struct mlpi_Many {
  mlp_Runtime *rt;
  size_t n;
  mlpi_Run **run;
  mlpi_Group *group;    /* NULL: it would not pay */
  mlpi_Storage **grads; /* of each model, when it was last seen; retained */
  size_t loaded;
  mlpi_Run *at[N]; /* those that are loaded */
  mlpi_Step take[N];
  uint64_t step[N]; /* steps that their models made */
  size_t due[N];    /* rows of their next batch in this turn, 0: none */
  size_t pass[N];   /* equal: the same rows in the same order */
  bool steps;       /* their steps go together */
  bool inside;      /* weights and slots are in the group */
  bool reads;       /* a metric reads more than the losses */
  bool bare;        /* nothing is wanted of a batch but its loss */
  bool level;       /* all are at one place of the same rows, and step together:
                       what is true of the first is true of all */
};

/* Rows of the same type and shape, or none in both. */
static bool same_rows (const mlp_Tensor *s, const mlp_Tensor *t) {
  if (s == NULL || t == NULL) return s == t;
  bool same = s->a.dtype == t->a.dtype && s->a.ndim == t->a.ndim;
  for (int d = 1; same && d < s->a.ndim; d++)
    same = s->a.shape[d] == t->a.shape[d];
  return same;
}

static mlp_Status check_alike (const mlpi_Run *a, const mlpi_Run *b) {
  bool same = a->mode == b->mode && a->mode != MLPI_PREDICT &&
              mlpi_models_alike(a->model, b->model);
  for (int i = 0; same && i < a->model->n_out; i++)
    same = same_rows(a->feed.y[i], b->feed.y[i]) &&
           same_rows(a->feed.w[i], b->feed.w[i]);
  return same ? MLP_OK
              : mlpi_error(a->rt, MLP_EARG,
                           "fit_many: expected models and data that are alike");
}

/* A model is as it was as long as it keeps its gradients. */
static void see (mlpi_Many *m, size_t i) {
  mlpi_storage_release(m->grads[i]);
  m->grads[i] = m->run[i]->model->grads;
  m->grads[i]->refs++;
}

static bool is_same (const mlpi_Many *m, size_t i) {
  const mlp_Model *model = m->run[i]->model;
  return model->grads == m->grads[i] && model->freezes == m->rt->freezes;
}

/* Is it worth while? As long as what all touch in a step stays in the cache, by
** what the first one's plan and weights take. */
static mlp_Status pays (const mlpi_Many *m, bool *yes) {
  const mlpi_Run *r = m->run[0];
  mlpi_Stage *g;
  const size_t rows = r->batch_size < r->rows ? r->batch_size : r->rows;
  *yes = false;
  if (m->n < FEW) return MLP_OK;
  mlp_Status s =
      mlpi_model_stage(r->model, rows, r->mode == MLPI_TRAIN, &r->feed, &g);
  if (s != MLP_OK) return s;
  const size_t flat = r->model->n_flat * mlpi_dtype_size(r->model->dtype);
  *yes = N * (mlpi_plan_bytes(g->plan) + 3 * flat) <= CACHE;
  return MLP_OK;
}

/* Is there a metric that is not traced? */
static bool has_metrics (const mlp_Model *m) {
  bool any = false;
  for (int i = 0; i < m->n_metrics; i++)
    any = any || ((const mlp_Metric *)m->metric[i].o->kind)->apply == NULL;
  return any;
}

static bool is_bare (const mlp_Model *m) {
  return m->n_metrics == 0 && m->n_out == 1;
}

mlp_Status mlpi_many_new (mlp_Runtime *rt, size_t n, mlpi_Run *const *run,
                          mlpi_Many **out) {
  mlpi_Many *m = *out = mlpi_calloc(rt, 1, sizeof *m);
  if (m == NULL) return MLP_ENOMEM;
  m->rt = rt;
  m->n = n;
  m->run = mlpi_calloc(rt, n, sizeof(mlpi_Run *));
  m->grads = mlpi_calloc(rt, n, sizeof(mlpi_Storage *));
  mlp_Status s = m->run == NULL || m->grads == NULL ? MLP_ENOMEM : MLP_OK;
  for (size_t i = 0; i < n && s == MLP_OK; i++) {
    m->run[i] = run[i];
    s = mlpi_model_prepare(run[i]->model);
    if (s == MLP_OK) s = check_alike(run[0], run[i]);
    if (s == MLP_OK) see(m, i);
  }
  bool abreast = false;
  if (s == MLP_OK) m->reads = has_metrics(run[0]->model);
  if (s == MLP_OK) m->bare = is_bare(run[0]->model);
  if (s == MLP_OK) s = pays(m, &abreast);
  if (s == MLP_OK && abreast) s = mlpi_group_new(run[0]->model, &m->group);
  if (s == MLP_OK) return MLP_OK;
  mlpi_many_release(m);
  *out = NULL;
  return s;
}

void mlpi_many_release (mlpi_Many *m) {
  if (m == NULL) return;
  mlpi_group_release(m->group);
  for (size_t i = 0; m->grads != NULL && i < m->n; i++)
    mlpi_storage_release(m->grads[i]);
  mlpi_free(m->rt, m->grads, m->n * sizeof(mlpi_Storage *));
  mlpi_free(m->rt, m->run, m->n * sizeof(mlpi_Run *));
  mlpi_free(m->rt, m, sizeof *m);
}

/* Nobody looks at the models between these two. */
static mlp_Status load (mlpi_Many *m, size_t i) {
  mlp_Model *model = m->at[i]->model;
  mlpi_group_load_state(m->group, i, model);
  m->step[i] = model->iterations;
  return mlpi_step_begin(&m->take[i], model);
}

static mlp_Status enter (mlpi_Many *m) {
  if (m->inside) return MLP_OK;
  mlp_Status s = mlpi_group_enter(m->group, m->take, m->loaded);
  m->inside = s == MLP_OK;
  return s;
}

static void leave (mlpi_Many *m) {
  if (m->inside) mlpi_group_leave(m->group, m->take, m->loaded);
  m->inside = false;
}

static void store (mlpi_Many *m) {
  leave(m);
  for (size_t i = 0; i < m->loaded; i++) {
    mlpi_group_store_state(m->group, i, m->at[i]->model);
    mlpi_model_touch(m->at[i]->model);
  }
}

static bool trains (const mlpi_Many *m) {
  return m->run[0]->mode == MLPI_TRAIN;
}

/* Rows of a run's next batch; 0: it has none. */
static size_t next_rows (const mlpi_Run *r) {
  const size_t left = r->rows - r->at;
  if (r->done) return 0;
  return left < r->batch_size ? left : r->batch_size;
}

static bool is_finite (const mlpi_Stage *g) {
  return isfinite(mlpi_get(&g->loss.at, 0));
}

/* The batch anew by itself, which finds out what is wrong and ends the run. */
static mlp_Status alone (mlpi_Many *m, size_t i) {
  mlpi_group_undo(m->group, i);
  mlpi_group_store_state(m->group, i, m->at[i]->model);
  mlp_Status s = mlpi_run_on(m->at[i], 1, 0);
  mlp_Status again = load(m, i);
  return s != MLP_OK ? s : again;
}

/* The second half of a batch of training: as end_batch of batch.c. */
static mlp_Status finish_one (mlpi_Many *m, size_t i, bool finite,
                              const mlpi_Stage *g) {
  mlpi_Run *r = m->at[i];
  if (!is_finite(g)) return alone(m, i);
  mlpi_model_unscale(r->model);
  if (mlpi_model_loss_scale(r->model) != 1) finite = false;
  if (!finite && mlpi_run_bad_gradient(r)) return alone(m, i);
  mlpi_step_take(&m->take[i]);
  m->step[i] = r->model->iterations;
  mlpi_run_finish(r, g);
  return MLP_OK;
}

/* Back to before the batch, from place i on. */
static void undo (mlpi_Many *m, size_t i) {
  for (; i < m->loaded; i++) mlpi_group_undo(m->group, i);
}

/* Each by itself: 'finite' says that all gradients are. */
static mlp_Status finish_each (mlpi_Many *m, size_t rows, bool finite,
                               mlpi_Stage *g) {
  mlp_Status s = MLP_OK;
  for (size_t i = 0; i < m->loaded; i++) {
    if (m->due[i] != rows) {
      mlpi_group_undo(m->group, i);
      continue;
    }
    mlpi_stage_take(g, i, m->reads);
    if (!trains(m)) {
      mlpi_run_finish(m->at[i], g);
      continue;
    }
    s = finish_one(m, i, finite, g);
    if (s == MLP_OK) continue;
    undo(m, i + 1);
    return s;
  }
  return MLP_OK;
}

/* The losses of all places; are they finite? */
static bool read_losses (const mlpi_Stage *g, double loss[N]) {
  bool finite = true;
  for (size_t i = 0; i < N; i++) {
    loss[i] = g->loss.all.dtype == MLP_FLOAT32
                  ? (double)((const float *)g->loss.all.data)[i]
                  : ((const double *)g->loss.all.data)[i];
    finite &= isfinite(loss[i]);
  }
  return finite;
}

/* A step of all, whose weights are in the group. */
static void step_all (mlpi_Many *m, mlpi_Stage *g, const double loss[N]) {
  mlpi_group_step(m->group, m->take, m->loaded);
  for (size_t i = 0; i < m->loaded; i++) {
    m->step[i] = m->take[i].t;
    if (m->bare) {
      mlpi_run_finish_bare(m->at[i], g->rows, loss[i]);
    } else {
      mlpi_stage_take(g, i, m->reads);
      mlpi_run_finish(m->at[i], g);
    }
  }
}

/* The models whose batch is of so many rows; NULL in other places. */
static void models_due (const mlpi_Many *m, size_t rows, mlp_Model *model[N]) {
  for (size_t i = 0; i < N; i++)
    model[i] = i < m->loaded && m->due[i] == rows ? m->at[i]->model : NULL;
}

/* Gradients and losses are there. */
static mlp_Status finish (mlpi_Many *m, size_t rows, mlpi_Stage *g) {
  const bool finite = trains(m) && mlpi_group_finite(m->group);
  double loss[N];
  if (m->inside && finite && read_losses(g, loss)) {
    step_all(m, g, loss);
    return MLP_OK;
  }
  mlp_Model *model[N];
  leave(m);
  m->level = false;
  models_due(m, rows, model);
  if (trains(m)) mlpi_group_gradients(m->group, model);
  return finish_each(m, rows, finite, g);
}

/* Do both go through the same rows in the same order? */
static bool same_pass (const mlpi_Run *a, const mlpi_Run *b) {
  const mlp_Model *m = a->model;
  if ((a->order == NULL) != (b->order == NULL)) return false;
  if (a->order != NULL &&
      (a->order_seed != b->order_seed || a->order_number != b->order_number ||
       a->rows != b->rows))
    return false;
  for (int i = 0; i < m->n_in; i++)
    if (a->feed.x[i] != b->feed.x[i]) return false;
  for (int i = 0; i < m->n_out; i++)
    if (a->feed.y[i] != b->feed.y[i] || a->feed.w[i] != b->feed.w[i])
      return false;
  return true;
}

static void compare_passes (mlpi_Many *m) {
  for (size_t i = 0; i < m->loaded; i++) {
    const bool same = i > 0 && same_pass(m->at[i - 1], m->at[i]);
    m->pass[i] = same ? m->pass[i - 1] : i;
  }
}

/* Are all level? They stay so as long as nothing is out of the way. */
static bool are_level (const mlpi_Many *m) {
  const mlpi_Run *first = m->at[0];
  bool level = m->steps;
  for (size_t i = 0; i < m->loaded && level; i++) {
    const mlpi_Run *r = m->at[i];
    level = m->pass[i] == 0 && r->at == first->at && r->rows == first->rows &&
            r->batch_size == first->batch_size && !r->done;
  }
  return level;
}

/* Are the next batches of both the same rows? */
static bool same_batch (const mlpi_Many *m, size_t a, size_t b) {
  return m->pass[a] == m->pass[b] && m->at[a]->at == m->at[b]->at;
}

/* Those whose batch is of so many rows, from place i on. */
static size_t next_due (const mlpi_Many *m, size_t i, size_t rows) {
  while (i < m->loaded && m->due[i] != rows) i++;
  return i;
}

/* Inputs, targets and weights; rows that the one before has too are not
** gathered again. Places without a run get those of the last one, so that their
** numbers are finite where its are. */
static void fill (const mlpi_Many *m, size_t rows, mlpi_Stage *g) {
  const size_t first = next_due(m, 0, rows);
  bool as_first = true;
  mlpi_run_fill(m->at[first], g);
  mlpi_stage_give_all(g);
  if (m->level) return;
  for (size_t a = first, i; (i = next_due(m, a + 1, rows)) < m->loaded; a = i) {
    if (!same_batch(m, a, i)) {
      mlpi_run_fill(m->at[i], g);
      as_first = false;
    }
    if (!as_first) mlpi_stage_give(g, i);
  }
  for (size_t i = m->loaded; i < N && !as_first; i++) mlpi_stage_give(g, i);
}

/* Do all have a batch of so many rows, and steps that go together? */
static bool goes_together (const mlpi_Many *m, size_t rows) {
  bool all = m->steps;
  for (size_t i = 0; i < m->loaded && all; i++) all = m->due[i] == rows;
  return all;
}

/* Weights to their places. */
static mlp_Status load_weights (mlpi_Many *m, size_t rows) {
  mlp_Model *model[N];
  if (m->level || goes_together(m, rows)) return enter(m);
  leave(m);
  models_due(m, rows, model);
  mlpi_group_load(m->group, model);
  return MLP_OK;
}

/* One batch of each whose next one is of 'rows'. */
static mlp_Status batches (mlpi_Many *m, size_t rows) {
  mlpi_Stage *g;
  mlp_Status s =
      mlpi_group_stage(m->group, rows, trains(m), &m->at[0]->feed, &g);
  if (s == MLP_OK) s = load_weights(m, rows);
  if (s != MLP_OK) return s;
  fill(m, rows, g);
  mlpi_group_keep(m->group);
  s = mlpi_plan_forward_abreast(g->plan, m->step);
  if (s == MLP_OK && trains(m)) s = mlpi_plan_backward(g->plan);
  if (s != MLP_OK) {
    undo(m, 0);
    return s;
  }
  return finish(m, rows, g);
}

/* The same of all. */
static mlp_Status march (mlpi_Many *m, bool *more) {
  const size_t rows = next_rows(m->at[0]);
  *more = rows > 0;
  if (rows == 0) return MLP_OK;
  for (size_t i = 0; i < m->loaded; i++) m->due[i] = rows;
  return batches(m, rows);
}

/* A batch of each; those whose batches are equally long go together. */
static mlp_Status turn (mlpi_Many *m, bool *more) {
  mlp_Status s = MLP_OK;
  if (m->level) return march(m, more);
  *more = false;
  for (size_t i = 0; i < m->loaded; i++) m->due[i] = next_rows(m->at[i]);
  for (size_t i = 0; i < m->loaded && s == MLP_OK; i++) {
    const size_t rows = m->due[i];
    if (rows == 0) continue;
    *more = true;
    s = batches(m, rows);
    for (size_t k = i; k < m->loaded; k++)
      if (m->due[k] == rows) m->due[k] = 0;
  }
  return s;
}

static mlp_Status prepare_for (mlpi_Many *m, const mlpi_Run *r, size_t rows) {
  mlpi_Stage *g;
  mlp_Status s = mlpi_group_stage(m->group, rows, trains(m), &r->feed, &g);
  for (size_t i = 0; i < N && s == MLP_OK; i++) {
    const mlpi_Run *own = m->at[i < m->loaded ? i : m->loaded - 1];
    mlpi_plan_scale_loss(g->plan, i, mlpi_model_loss_scale(own->model));
  }
  return s;
}

/* Compile ahead, so that streams and scales of losses can be set. */
static mlp_Status prepare (mlpi_Many *m) {
  mlp_Status s = MLP_OK;
  for (size_t i = 0; i < m->loaded && s == MLP_OK; i++) {
    const mlpi_Run *r = m->at[i], *before = m->at[i > 0 ? i - 1 : 0];
    const size_t size = r->batch_size < r->rows ? r->batch_size : r->rows;
    if (i > 0 && before->rows == r->rows && before->batch_size == r->batch_size)
      continue;
    s = prepare_for(m, r, size);
    if (s == MLP_OK && r->rows % size > 0)
      s = prepare_for(m, r, r->rows % size);
  }
  for (size_t i = 0; i < m->loaded && s == MLP_OK; i++)
    mlpi_group_rekey(m->group, i, m->at[i]->model);
  return s;
}

/* One after the other, each by itself. */
static mlp_Status go_alone (mlpi_Many *m, double end) {
  mlp_Status s = MLP_OK;
  for (size_t i = 0; i < m->loaded && s == MLP_OK && mlpi_now() <= end; i++)
    s = mlpi_run_on(m->at[i], 0, end - mlpi_now());
  return s;
}

/* Until all that are loaded are done, or time is over. */
static mlp_Status go (mlpi_Many *m, double end) {
  if (m->group == NULL || m->loaded < FEW) return go_alone(m, end);
  bool more = true;
  mlp_Status s = prepare(m);
  for (size_t i = 0; i < m->loaded && s == MLP_OK; i++) s = load(m, i);
  if (s != MLP_OK) return s;
  for (size_t i = m->loaded; i < N; i++)
    mlpi_group_load_state(m->group, i, m->at[m->loaded - 1]->model);
  m->steps = trains(m) && mlpi_group_steps(m->take, m->loaded);
  compare_passes(m);
  m->level = are_level(m);
  for (size_t i = 1, look = 1; more && s == MLP_OK; i++) {
    s = mlpi_check_cancel(m->rt);
    if (s == MLP_OK) s = turn(m, &more);
    if (i < look) continue;
    if (mlpi_now() > end) break;
    look = i + (i < LOOK ? i : LOOK);
  }
  store(m);
  if (trains(m)) mlpi_run_publish(m->at[0]);
  return s;
}

static mlp_Status changed (const mlpi_Many *m, size_t i) {
  return mlpi_error(m->rt, MLP_ESTATE,
                    "fit_many: model %zu was frozen, thawed or compiled, or an "
                    "option of its layers set, while it trained; train it by "
                    "itself",
                    i + 1);
}

/* The next runs that have something to do, from *i on. */
static mlp_Status gather (mlpi_Many *m, size_t *i) {
  m->loaded = 0;
  for (; *i < m->n && m->loaded < N; ++*i) {
    mlp_Model *model = m->run[*i]->model;
    if (m->run[*i]->done) continue;
    if (mlpi_model_descends(model) && trains(m)) break;
    if (!is_same(m, *i)) {
      mlp_Status s = mlpi_model_prepare(model);
      if (s != MLP_OK) return s;
      if (!mlpi_models_alike(m->run[0]->model, model)) return changed(m, *i);
      see(m, *i);
    }
    m->at[m->loaded++] = m->run[*i];
  }
  return MLP_OK;
}

mlp_Status mlpi_many_on (mlpi_Many *m, double seconds, bool *done) {
  const double end = mlpi_now() + seconds;
  *done = false;
  for (size_t i = 0; i < m->n && mlpi_now() <= end;) {
    mlp_Status s = MLP_OK;
    if (mlpi_model_descends(m->run[i]->model) && trains(m)) {
      s = mlpi_run_on(m->run[i], 0, end - mlpi_now()); /* its way is its own */
      if (m->run[i]->done) i++;
    } else {
      s = gather(m, &i);
      if (s == MLP_OK && m->loaded > 0) s = go(m, end);
    }
    if (s != MLP_OK) return s;
  }
  *done = true;
  for (size_t i = 0; i < m->n && *done; i++) *done = m->run[i]->done;
  return MLP_OK;
}
