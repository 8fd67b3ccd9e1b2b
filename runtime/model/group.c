/*
** group.c - the memory and the plans of models that run together.
*/
#include "model/group.h"

#include <string.h>

enum { ALIGN = 64 };

static size_t aligned (size_t bytes) {
  return (bytes + ALIGN - 1) / ALIGN * ALIGN;
}

static size_t bytes_of (const mlp_Tensor *t) {
  return mlpi_count(&t->a) * mlpi_dtype_size(t->a.dtype);
}

static size_t stride (const mlpi_Group *g) { return g->flat + g->state; }

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

static mlp_Status make_blocks (mlpi_Group *g) {
  mlp_Status s = mlpi_storage_new(g->rt, g->n * stride(g), &g->weights);
  if (s == MLP_OK) s = mlpi_storage_new(g->rt, g->n * g->flat, &g->grads);
  if (s == MLP_OK) s = mlpi_storage_new(g->rt, g->n * g->state, &g->kept);
  if (s != MLP_OK) return s;
  memset(g->weights->data, 0, g->n * stride(g));
  memset(g->grads->data, 0, g->n * g->flat);
  return MLP_OK;
}

mlp_Status mlpi_group_new (mlp_Model *like, size_t n, mlpi_Group **out) {
  mlpi_Group *g = *out = mlpi_calloc(like->rt, 1, sizeof *g);
  if (g == NULL) return MLP_ENOMEM;
  g->rt = like->rt;
  g->like = mlpi_model_retain(like);
  g->n = n;
  g->flat = flat_bytes(like);
  g->state = each_other(like, NULL, NULL);
  g->trained = like->trained;
  mlp_Status s = make_blocks(g);
  if (s == MLP_OK) return MLP_OK;
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
  mlpi_storage_release(g->kept);
  mlpi_model_release(g->like);
  mlpi_free(g->rt, g, sizeof *g);
}

/*
** Weights
*/

static char *flat_of (const mlpi_Group *g, size_t i) {
  return (char *)g->weights->data + i * stride(g);
}

static char *state_of (const mlpi_Group *g, size_t i) {
  return flat_of(g, i) + g->flat;
}

static void load_other (const mlp_Tensor *t, size_t at, void *ud) {
  memcpy((char *)ud + at, t->a.data, bytes_of(t));
}

static void store_other (const mlp_Tensor *t, size_t at, void *ud) {
  memcpy(t->a.data, (char *)ud + at, bytes_of(t));
}

static void copy_spans (const mlp_Model *m, char *flat, bool back) {
  const size_t size = mlpi_dtype_size(m->dtype);
  for (int i = 0; i < m->n_spans; i++) {
    const mlpi_Span *s = &m->span[i];
    char *at = flat + s->at * size;
    memcpy(back ? s->w : at, back ? at : s->w, s->n * size);
  }
}

void mlpi_group_load (mlpi_Group *g, size_t i, const mlp_Model *m) {
  if (g->flat > 0) copy_spans(m, flat_of(g, i), false);
  each_other(m, load_other, state_of(g, i));
}

void mlpi_group_store (const mlpi_Group *g, size_t i, const mlp_Model *m) {
  if (g->flat > 0) copy_spans(m, flat_of(g, i), true);
  each_other(m, store_other, state_of(g, i));
}

void *mlpi_group_weights (const mlpi_Group *g, size_t i) {
  return flat_of(g, i);
}

void *mlpi_group_gradient (const mlpi_Group *g, size_t i) {
  return (char *)g->grads->data + i * g->flat;
}

void mlpi_group_keep (mlpi_Group *g, size_t first, size_t n) {
  for (size_t i = first; i < first + n && g->state > 0; i++)
    memcpy((char *)g->kept->data + i * g->state, state_of(g, i), g->state);
}

void mlpi_group_undo (mlpi_Group *g, size_t i) {
  if (g->state > 0)
    memcpy(state_of(g, i), (char *)g->kept->data + i * g->state, g->state);
}

/*
** Stages
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
  char *to;
} Found;

static void find_other (const mlp_Tensor *t, size_t at, void *ud) {
  Found *f = ud;
  if (f->at != NULL && inside(f->at, t->a.data, bytes_of(t))) {
    f->to += at + offset(f->at, t->a.data);
    f->at = NULL;
  }
}

/* Memory of the model that is traced, in place 0 of the group. */
static bool find_flat (const mlpi_Group *g, const void *at, char **first) {
  const mlp_Model *m = g->like;
  const size_t size = mlpi_dtype_size(m->dtype);
  for (int i = 0; i < m->n_spans; i++)
    if (inside(at, m->span[i].w, m->span[i].n * size)) {
      *first = flat_of(g, 0) + m->span[i].at * size + offset(at, m->span[i].w);
      return true;
    }
  return false;
}

static bool place (void *ud, const void *at, char **first, ptrdiff_t *step) {
  const mlpi_Group *g = ud;
  *step = (ptrdiff_t)g->flat;
  if (g->flat > 0 && inside(at, g->like->grads->data, g->flat)) {
    *first = (char *)g->grads->data + offset(at, g->like->grads->data);
    return true;
  }
  *step = (ptrdiff_t)stride(g);
  if (g->flat > 0 && find_flat(g, at, first)) return true;
  Found f = { at, state_of(g, 0) };
  each_other(g->like, find_other, &f);
  *first = f.to;
  return f.at == NULL;
}

mlp_Status mlpi_group_stage (mlpi_Group *g, size_t rows, bool training,
                             const mlpi_Feed *feed, mlpi_Stage **out) {
  const mlpi_Copies copies = { g->n, place, g };
  for (mlpi_Stage *s = g->stages; s != NULL; s = s->next)
    if (mlpi_stage_fits(g->like, s, rows, training, feed)) {
      *out = s;
      return MLP_OK;
    }
  mlp_Status status =
      mlpi_stage_new(g->like, rows, training, feed, &copies, out);
  if (status != MLP_OK) return status;
  (*out)->next = g->stages;
  g->stages = *out;
  return MLP_OK;
}

void mlpi_stage_select (mlpi_Stage *s, size_t i) {
  const ptrdiff_t by = (ptrdiff_t)i - (ptrdiff_t)s->copy;
  if (by == 0) return;
  for (mlpi_End *end = s->x; end < s->x + s->n_ends; end++)
    if (end->symbol != NULL && end->at.data != NULL)
      end->at.data = (char *)end->at.data + by * end->step;
  if (s->loss.symbol != NULL)
    s->loss.at.data = (char *)s->loss.at.data + by * s->loss.step;
  s->copy = i;
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
