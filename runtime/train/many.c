/*
** many.c - runs of models that are alike, on together. A few at a time, so
** that what they touch stays in the cache: their weights are loaded into a
** group, a plan over all of them computes the gradients of one batch of each,
** each takes its step as it does alone, and so on until the time is over.
*/
#include "model/group.h"
#include "train/run.h"

#include <math.h>
#include <string.h>

enum {
  TOGETHER = 16,   /* runs at a time, or as many as take */
  ROOM = 4u << 20, /* about so many bytes: more gains nothing */
};

struct mlpi_Many {
  mlp_Runtime *rt;
  size_t n;
  mlpi_Run **run;
  mlpi_Group *group;
  mlpi_Storage **grads;   /* of each model, when it was last seen; retained */
  mlpi_Run *at[TOGETHER]; /* those that are loaded */
  mlpi_Step take[TOGETHER];
  uint64_t step[TOGETHER]; /* steps that their models made */
  size_t loaded;
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

/* How many go together: by what the first one's plan and weights take. */
static mlp_Status count_together (const mlpi_Many *m, size_t *together) {
  mlpi_Run *r = m->run[0];
  mlpi_Stage *g;
  const size_t rows = r->batch_size < r->rows ? r->batch_size : r->rows;
  mlp_Status s =
      mlpi_model_stage(r->model, rows, r->mode == MLPI_TRAIN, &r->feed, &g);
  if (s != MLP_OK) return s;
  const size_t flat = r->model->n_flat * mlpi_dtype_size(r->model->dtype);
  const size_t fit = 1 + ROOM / (mlpi_plan_bytes(g->plan) + 2 * flat + 1);
  *together = m->n < TOGETHER ? m->n : TOGETHER;
  if (*together > fit) *together = fit;
  return MLP_OK;
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
  size_t together = 0;
  if (s == MLP_OK) s = count_together(m, &together);
  if (s == MLP_OK) s = mlpi_group_new(run[0]->model, together, &m->group);
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
  mlpi_group_load(m->group, i, model);
  m->step[i] = model->iterations;
  return mlpi_step_begin(&m->take[i], model, mlpi_group_weights(m->group, i),
                         mlpi_group_gradient(m->group, i));
}

static void store (mlpi_Many *m) {
  for (size_t i = 0; i < m->loaded; i++)
    mlpi_group_store(m->group, i, m->at[i]->model);
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
  mlpi_group_store(m->group, i, m->at[i]->model);
  mlp_Status s = mlpi_run_on(m->at[i], 1, 0);
  mlp_Status again = load(m, i);
  return s != MLP_OK ? s : again;
}

/* The second half of a batch of training: as end_batch of batch.c. */
static mlp_Status finish (mlpi_Many *m, size_t i, const mlpi_Stage *g) {
  mlpi_Run *r = m->at[i];
  if (!is_finite(g)) return alone(m, i);
  mlpi_model_unscale(r->model, m->take[i].g);
  if (mlpi_run_bad_gradient(r, m->take[i].g)) return alone(m, i);
  mlpi_step_take(&m->take[i]);
  m->step[i] = r->model->iterations;
  mlpi_run_finish(r, g);
  return MLP_OK;
}

static void undo (mlpi_Many *m, size_t first, size_t n) {
  for (size_t i = first; i < first + n; i++) mlpi_group_undo(m->group, i);
}

static mlp_Status finish_all (mlpi_Many *m, size_t first, size_t n,
                              mlpi_Stage *g) {
  mlp_Status s = MLP_OK;
  for (size_t i = first; i < first + n; i++) {
    mlpi_stage_select(g, i);
    if (!trains(m)) {
      mlpi_run_finish(m->at[i], g);
      continue;
    }
    s = finish(m, i, g);
    if (s == MLP_OK) continue;
    undo(m, i + 1, first + n - i - 1);
    return s;
  }
  return MLP_OK;
}

/* Is the next batch of b made of the same rows as that of a? */
static bool same_batch (const mlpi_Run *a, const mlpi_Run *b) {
  const mlp_Model *m = a->model;
  if (a->at != b->at || (a->order == NULL) != (b->order == NULL)) return false;
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

/* What the place before has in that end. */
static void copy_end (const mlpi_End *end) {
  if (end->symbol == NULL || end->at.data == NULL) return;
  memcpy(end->at.data, (char *)end->at.data - end->step, (size_t)end->step);
}

/* Inputs, targets and weights of place i; rows that the one before it has too
** are not gathered again. */
static void fill (const mlpi_Many *m, size_t i, bool again, mlpi_Stage *g) {
  const mlp_Model *model = m->at[i]->model;
  mlpi_stage_select(g, i);
  if (!again) {
    mlpi_run_fill(m->at[i], g);
    return;
  }
  for (int k = 0; k < model->n_in; k++) copy_end(&g->x[k]);
  for (int k = 0; k < model->n_out; k++) {
    copy_end(&g->y[k]);
    copy_end(&g->w[k]);
  }
}

/* One batch of each of n neighbours, all of 'rows'. */
static mlp_Status batches (mlpi_Many *m, size_t first, size_t n, size_t rows) {
  mlpi_Stage *g;
  mlp_Status s =
      mlpi_group_stage(m->group, rows, trains(m), &m->at[first]->feed, &g);
  if (s != MLP_OK) return s;
  for (size_t i = first; i < first + n; i++) {
    fill(m, i, i > first && same_batch(m->at[i - 1], m->at[i]), g);
    mlpi_plan_scale_loss(g->plan, i, mlpi_model_loss_scale(m->at[i]->model));
  }
  mlpi_group_keep(m->group, first, n);
  s = mlpi_plan_forward_copies(g->plan, first, n, m->step);
  if (s == MLP_OK && trains(m))
    s = mlpi_plan_backward_copies(g->plan, first, n);
  if (s == MLP_OK) return finish_all(m, first, n, g);
  undo(m, first, n);
  return s;
}

/* A batch of each; neighbours whose batches are equally long go together. */
static mlp_Status turn (mlpi_Many *m, bool *more) {
  *more = false;
  for (size_t n, i = 0; i < m->loaded; i += n) {
    const size_t rows = next_rows(m->at[i]);
    for (n = 1; i + n < m->loaded && next_rows(m->at[i + n]) == rows;) n++;
    if (rows == 0) continue;
    *more = true;
    mlp_Status s = batches(m, i, n, rows);
    if (s != MLP_OK) return s;
  }
  return MLP_OK;
}

/* Compile ahead, so that streams can be set. */
static mlp_Status prepare (mlpi_Many *m) {
  mlpi_Stage *g;
  mlp_Status s = MLP_OK;
  for (size_t i = 0; i < m->loaded && s == MLP_OK; i++) {
    const mlpi_Run *r = m->at[i];
    const size_t size = r->batch_size < r->rows ? r->batch_size : r->rows;
    s = mlpi_group_stage(m->group, size, trains(m), &r->feed, &g);
    if (s == MLP_OK && r->rows % size > 0)
      s = mlpi_group_stage(m->group, r->rows % size, trains(m), &r->feed, &g);
  }
  for (size_t i = 0; i < m->loaded && s == MLP_OK; i++)
    mlpi_group_rekey(m->group, i, m->at[i]->model);
  return s;
}

/* Until all that are loaded are done, or time is over. */
static mlp_Status go (mlpi_Many *m, double end) {
  bool more = true;
  mlp_Status s = prepare(m);
  for (size_t i = 0; i < m->loaded && s == MLP_OK; i++) s = load(m, i);
  if (s != MLP_OK) return s;
  while (more && s == MLP_OK) {
    s = mlpi_check_cancel(m->rt);
    if (s == MLP_OK) s = turn(m, &more);
    if (mlpi_now() > end) break;
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
  for (; *i < m->n && m->loaded < m->group->n; ++*i) {
    mlp_Model *model = m->run[*i]->model;
    if (m->run[*i]->done) continue;
    if (mlpi_model_descends(model) && trains(m)) break;
    if (!is_same(m, *i)) {
      mlp_Status s = mlpi_model_prepare(model);
      if (s != MLP_OK) return s;
      if (!mlpi_models_alike(m->group->like, model)) return changed(m, *i);
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
