/*
** group.c - the memory and the plans of models that run together.
*/
#include "model/group.h"
#include "tensor/stats.h"

#include <string.h>

enum { N = MLPI_ABREAST, ALIGN = 64 };

static size_t aligned (size_t bytes) {
  return (bytes + ALIGN - 1) / ALIGN * ALIGN;
}

static size_t bytes_of (const mlp_Tensor *t) {
  return mlpi_count(&t->a) * mlpi_dtype_size(t->a.dtype);
}

/* Call f for each weight that is not in the flat segment, with its place among
** them; returns their bytes. */
typedef void (*Visit)(const mlp_Tensor *t, size_t at, void *ud);

static size_t each_other (const mlp_Model *m, Visit f, void *ud) {
  size_t at = 0;
  for (int i = 0; i < m->n_layers; i++)
    for (int j = 0; j < m->layer[i]->n_weights; j++) {
      const mlp_Tensor *t = m->layer[i]->weight[j].tensor;
      if (t->requires_grad) continue;
      if (f != NULL) f(t, at, ud);
      at += aligned(bytes_of(t));
    }
  return at;
}

static size_t flat_bytes (const mlp_Model *m) {
  return m->grads == NULL ? 0 : m->n_flat * mlpi_dtype_size(m->dtype);
}

/*
** Where memory of the model that is traced lies in the group.
*/

static bool inside (const void *at, const void *from, size_t bytes) {
  const uintptr_t p = (uintptr_t)at, q = (uintptr_t)from;
  return p >= q && p < q + bytes;
}

/* How far 'at' is into the memory of t, or of its gradient. */
static size_t offset (const void *at, const void *from) {
  return (size_t)((const char *)at - (const char *)from);
}

typedef struct Found {
  const void *at;
  bool found;
  size_t offset;
} Found;

static void find_other (const mlp_Tensor *t, size_t at, void *ud) {
  Found *f = ud;
  if (f->found || !inside(f->at, t->a.data, bytes_of(t))) return;
  f->found = true;
  f->offset = at + offset(f->at, t->a.data);
}

static bool find_flat (const mlp_Model *m, Found *f) {
  const size_t size = mlpi_dtype_size(m->dtype);
  for (const mlpi_Span *s = m->span; s < m->span + m->n_spans; s++)
    if (inside(f->at, s->w, s->n * size)) {
      f->offset = s->at * size + offset(f->at, s->w);
      return true;
    }
  return false;
}

static void *place (void *ud, const void *at) {
  const mlpi_Group *g = ud;
  Found f = { .at = at };
  if (g->flat > 0 && inside(at, g->like->grads->data, g->flat))
    return (char *)g->grads->data + N * offset(at, g->like->grads->data);
  if (g->flat > 0 && find_flat(g->like, &f))
    return (char *)g->weights->data + N * f.offset;
  each_other(g->like, find_other, &f);
  return f.found ? (char *)g->others->data + N * f.offset : NULL;
}

/*
** Memory
*/

/* Zeros, so that places that nobody takes hold numbers. */
static mlp_Status make_block (mlp_Runtime *rt, size_t bytes,
                              mlpi_Storage **out) {
  mlp_Status s = mlpi_storage_new(rt, N * bytes, out);
  if (s == MLP_OK) memset((*out)->data, 0, N * bytes);
  return s;
}

mlp_Status mlpi_group_new (mlp_Model *like, mlpi_Group **out) {
  mlpi_Group *g = *out = mlpi_calloc(like->rt, 1, sizeof *g);
  if (g == NULL) return MLP_ENOMEM;
  g->rt = like->rt;
  g->like = mlpi_model_retain(like);
  g->flat = flat_bytes(like);
  g->state = each_other(like, NULL, NULL);
  g->abreast = (mlpi_Abreast){ place, g };
  mlp_Status s = make_block(g->rt, g->flat, &g->weights);
  if (s == MLP_OK) s = make_block(g->rt, g->flat, &g->grads);
  if (s == MLP_OK) s = make_block(g->rt, g->state, &g->others);
  if (s == MLP_OK) s = make_block(g->rt, g->state, &g->kept);
  if (s == MLP_OK) s = mlpi_storage_new(g->rt, g->flat, &g->nobody);
  if (s == MLP_OK) {
    memset(g->nobody->data, 0, g->flat);
    return MLP_OK;
  }
  mlpi_group_release(g);
  *out = NULL;
  return s;
}

void mlpi_group_release (mlpi_Group *g) {
  if (g == NULL) return;
  while (g->stages != NULL) {
    mlpi_Stage *s = g->stages;
    g->stages = s->next;
    mlpi_stage_free(g->rt, s);
  }
  mlpi_storage_release(g->weights);
  mlpi_storage_release(g->grads);
  mlpi_storage_release(g->others);
  mlpi_storage_release(g->kept);
  mlpi_storage_release(g->slots);
  mlpi_storage_release(g->nobody);
  mlpi_model_release(g->like);
  mlpi_free(g->rt, g, sizeof *g);
}

/*
** Weights
*/

static bool same_spans (const mlp_Model *a, const mlp_Model *b) {
  bool same = a->n_spans == b->n_spans;
  for (int i = 0; same && i < a->n_spans; i++)
    same = a->span[i].at == b->span[i].at && a->span[i].n == b->span[i].n;
  return same;
}

/* Where element 'at' of all flat weights is. */
static char *weights_at (const mlpi_Group *g, size_t at) {
  return (char *)g->weights->data + at * N * mlpi_dtype_size(g->like->dtype);
}

/* Span k of all models whose weights are cut as the first one's. */
static void find_span (const mlpi_Group *g, int k, mlp_Model *const *m,
                       char **at) {
  for (size_t i = 0; i < N; i++)
    at[i] = m[i] != NULL && same_spans(m[i], g->like) ? m[i]->span[k].w
                                                      : g->nobody->data;
}

/* Models whose weights are cut in other ways, one after the other. */
static bool goes_alone (const mlpi_Group *g, const mlp_Model *m) {
  return m != NULL && !same_spans(m, g->like);
}

/* To their places, or out of them. */
static void move_weights (const mlpi_Group *g, mlp_Model *const *m, bool out) {
  const size_t size = mlpi_dtype_size(g->like->dtype);
  if (g->flat == 0) return;
  for (int k = 0; k < g->like->n_spans; k++) {
    const mlpi_Span *s = &g->like->span[k];
    char *at[N];
    find_span(g, k, m, at);
    if (out)
      mlpi_deinterleave(g->rt, size, s->n, weights_at(g, s->at), at);
    else
      mlpi_interleave(g->rt, size, s->n, (const char *const *)at,
                      weights_at(g, s->at));
  }
  for (size_t i = 0; i < N; i++)
    for (int k = 0; goes_alone(g, m[i]) && k < m[i]->n_spans; k++) {
      const mlpi_Span *s = &m[i]->span[k];
      if (out)
        mlpi_deinterleave_one(size, s->n, weights_at(g, s->at), i, s->w);
      else
        mlpi_interleave_one(size, s->n, s->w, i, weights_at(g, s->at));
    }
}

void mlpi_group_load (mlpi_Group *g, mlp_Model *const *m) {
  move_weights(g, m, false);
}

void mlpi_group_store (const mlpi_Group *g, mlp_Model *const *m) {
  move_weights(g, m, true);
}

void mlpi_group_gradients (const mlpi_Group *g, mlp_Model *const *m) {
  const size_t size = mlpi_dtype_size(g->like->dtype);
  char *to[N];
  for (size_t i = 0; i < N; i++)
    to[i] = m[i] != NULL ? m[i]->grads->data : g->nobody->data;
  mlpi_deinterleave(g->rt, size, g->flat / size, g->grads->data, to);
}

bool mlpi_group_finite (const mlpi_Group *g) {
  const size_t n = N * g->flat / mlpi_dtype_size(g->like->dtype);
  return mlpi_all_finite(g->rt, g->like->dtype, n, g->grads->data);
}

typedef struct Place {
  char *block;
  size_t i;
} Place;

static void load_other (const mlp_Tensor *t, size_t at, void *ud) {
  const Place *p = ud;
  mlpi_interleave_one(mlpi_dtype_size(t->a.dtype), mlpi_count(&t->a), t->a.data,
                      p->i, p->block + N * at);
}

static void store_other (const mlp_Tensor *t, size_t at, void *ud) {
  const Place *p = ud;
  mlpi_deinterleave_one(mlpi_dtype_size(t->a.dtype), mlpi_count(&t->a),
                        p->block + N * at, p->i, t->a.data);
}

void mlpi_group_load_state (mlpi_Group *g, size_t i, const mlp_Model *m) {
  Place p = { g->others->data, i };
  each_other(m, load_other, &p);
}

void mlpi_group_store_state (const mlpi_Group *g, size_t i,
                             const mlp_Model *m) {
  Place p = { g->others->data, i };
  each_other(m, store_other, &p);
}

void mlpi_group_keep (mlpi_Group *g) {
  if (g->state > 0) memcpy(g->kept->data, g->others->data, N * g->state);
}

/* One place of both blocks. */
typedef struct Undo {
  const mlpi_Group *g;
  size_t i;
} Undo;

static void undo_other (const mlp_Tensor *t, size_t at, void *ud) {
  const Undo *u = ud;
  mlpi_Array like = t->a;
  mlpi_set_strides(&like);
  mlpi_Array from = mlpi_abreast(&like, false), to = from;
  from.data = (char *)u->g->kept->data + N * at;
  to.data = (char *)u->g->others->data + N * at;
  from = mlpi_abreast_part(&from, u->i);
  to = mlpi_abreast_part(&to, u->i);
  mlpi_array_copy(&from, &to);
}

void mlpi_group_undo (mlpi_Group *g, size_t i) {
  Undo u = { g, i };
  each_other(g->like, undo_other, &u);
}

/*
** Stages
*/

mlp_Status mlpi_group_stage (mlpi_Group *g, size_t rows, bool training,
                             const mlpi_Feed *feed, mlpi_Stage **out) {
  for (mlpi_Stage *s = g->stages; s != NULL; s = s->next)
    if (mlpi_stage_fits(g->like, s, rows, training, feed)) {
      *out = s;
      return MLP_OK;
    }
  mlp_Status status =
      mlpi_stage_new(g->like, rows, training, feed, &g->abreast, out);
  if (status != MLP_OK) return status;
  (*out)->next = g->stages;
  g->stages = *out;
  return MLP_OK;
}

static void give (const mlpi_End *end, size_t i) {
  if (end->all.data == NULL) return;
  const size_t size = mlpi_dtype_size(end->at.dtype), n = mlpi_count(&end->at);
  if (i < N)
    mlpi_interleave_one(size, n, end->at.data, i, end->all.data);
  else
    mlpi_interleave_same(size, n, end->at.data, end->all.data);
}

static void take (const mlpi_End *end, size_t i) {
  if (end->all.data == NULL) return;
  if (end->at.ndim == 0) {
    const size_t size = mlpi_dtype_size(end->at.dtype);
    memcpy(end->at.data, (char *)end->all.data + i * size, size);
    return;
  }
  const mlpi_Array from = mlpi_abreast_part(&end->all, i);
  mlpi_array_copy(&from, &end->at);
}

void mlpi_stage_give (mlpi_Stage *s, size_t i) {
  for (const mlpi_End *end = s->x; end < s->p; end++) give(end, i);
  for (const mlpi_End *end = s->y; end < s->part; end++) give(end, i);
}

void mlpi_stage_give_all (mlpi_Stage *s) { mlpi_stage_give(s, N); }

void mlpi_stage_take (mlpi_Stage *s, size_t i, bool all) {
  take(&s->loss, i);
  for (const mlpi_End *end = s->part; end < s->x + s->n_ends; end++)
    take(end, i);
  for (const mlpi_End *end = s->p; all && end < s->part; end++) take(end, i);
}

/*
** Random streams
*/

typedef struct Streams {
  const mlp_Model *from, *to;
} Streams;

/* A stream that a layer of the one model draws from: that of the same layer of
** the other. Others have no key. */
static void rekey (void *ud, mlpi_Stream *s) {
  const Streams *k = ud;
  for (int i = 0; i < k->from->n_layers; i++) {
    const mlp_Layer *a = k->from->layer[i], *b = k->to->layer[i];
    const mlpi_Stream own =
        mlpi_stream(a->seed, a->model, a->index, MLPI_FOR_DROPOUT, 0);
    if (memcmp(own.key, s->key, sizeof own.key) != 0) continue;
    *s = mlpi_stream(b->seed, b->model, b->index, MLPI_FOR_DROPOUT, s->step);
    return;
  }
}

void mlpi_group_rekey (mlpi_Group *g, size_t i, const mlp_Model *m) {
  Streams k = { g->like, m };
  for (mlpi_Stage *s = g->stages; s != NULL; s = s->next)
    mlpi_plan_rekey(s->plan, i, rekey, &k);
}
