/*
** group_step.c - one step of several models at once, where their optimizers do
** the same to each weight: weights, gradients and slots stay interleaved, and
** the models themselves are behind until all leave the group.
*/
#include "model/group.h"
#include "model/step.h"

enum { N = MLPI_ABREAST };

typedef mlpi_Step Step;

/* Is its step one pass over the weights, and no more than weight decay
** before? */
static bool is_plain (const Step *p) {
  const mlp_Optimizer *k = mlpi_step_kind(p);
  return k->abreast != NULL && p->every == 1 && !p->constrained &&
         mlpi_step_common(p, MLPI_CLIPNORM) == 0 &&
         mlpi_step_common(p, MLPI_GLOBAL_CLIPNORM) == 0 &&
         mlpi_step_common(p, MLPI_CLIPVALUE) == 0 &&
         mlpi_step_common(p, MLPI_USE_EMA) == 0 &&
         mlpi_model_loss_scale(p->m) == 1;
}

/* Options that are numbers are 0 for both or none; others are equal. */
static bool same_way (const Step *a, const Step *b) {
  bool same = a->k == b->k;
  for (int i = 0; same && a->k->options[i].name != NULL; i++)
    same = a->k->options[i].type == MLP_NUMBER
               ? (a->opt[i] == 0) == (b->opt[i] == 0)
               : a->opt[i] == b->opt[i];
  return same;
}

bool mlpi_group_steps (const Step *p, size_t n) {
  bool together = is_plain(p);
  for (size_t i = 1; i < n && together; i++)
    together = same_way(p, p + i) && is_plain(p + i);
  return together;
}

/* The models of all places. */
static void models_of (const Step *p, size_t n, mlp_Model **m) {
  for (size_t i = 0; i < N; i++) m[i] = p[i < n ? i : n - 1].m;
}

/*
** Slots: those of a model lie one after the other, and so do those of all.
*/

static mlp_Status make_slots (mlpi_Group *g, size_t bytes) {
  if (g->slots != NULL && g->slots->bytes >= bytes) return MLP_OK;
  mlpi_Storage *made;
  mlp_Status s = mlpi_storage_new(g->rt, bytes, &made);
  if (s != MLP_OK) return s;
  mlpi_storage_release(g->slots);
  g->slots = made;
  return MLP_OK;
}

static int count_slots (const Step *p) {
  return mlpi_step_kind(p)->slots(p->opt);
}

static char *slot_at (const mlpi_Group *g, int k) {
  return (char *)g->slots->data + (size_t)k * N * g->flat;
}

static void load_slots (mlpi_Group *g, const Step *p, size_t n) {
  const size_t size = mlpi_dtype_size(g->like->dtype);
  for (int k = 0; k < count_slots(p); k++) {
    const char *from[N];
    for (size_t i = 0; i < N; i++)
      from[i] = mlpi_step_slot(p + (i < n ? i : n - 1), k, 0);
    mlpi_interleave(g->rt, size, g->flat / size, from, slot_at(g, k));
  }
}

static void store_slots (const mlpi_Group *g, const Step *p, size_t n) {
  const size_t size = mlpi_dtype_size(g->like->dtype);
  for (int k = 0; k < count_slots(p); k++) {
    char *to[N];
    for (size_t i = 0; i < N; i++)
      to[i] = i < n ? mlpi_step_slot(p + i, k, 0) : g->nobody->data;
    mlpi_deinterleave(g->rt, size, g->flat / size, slot_at(g, k), to);
  }
}

mlp_Status mlpi_group_enter (mlpi_Group *g, const Step *p, size_t n) {
  mlp_Model *m[N];
  mlp_Status s = make_slots(g, (size_t)count_slots(p) * N * g->flat);
  if (s != MLP_OK) return s;
  models_of(p, n, m);
  mlpi_group_load(g, m);
  load_slots(g, p, n);
  return MLP_OK;
}

void mlpi_group_leave (const mlpi_Group *g, const Step *p, size_t n) {
  mlp_Model *m[N] = { NULL };
  for (size_t i = 0; i < n; i++) {
    m[i] = p[i].m;
    m[i]->iterations = p[i].t;
    m[i]->optimizer->value[0].number = p[i].opt[0];
  }
  mlpi_group_store(g, m);
  store_slots(g, p, n);
}

/*
** The step, in the order of step.c.
*/

static void decay (mlpi_Group *g, const mlpi_Steps *s, const Step *p) {
  const int at = mlpi_step_kind(p)->common + MLPI_WEIGHT_DECAY;
  const bool coupled = mlpi_step_couples(p);
  double rate[N];
  if (mlpi_step_common(p, MLPI_WEIGHT_DECAY) == 0) return;
  for (size_t i = 0; i < N; i++)
    rate[i] = coupled ? s->opt[i][at] : -s->opt[i][at] * s->opt[i][0];
  mlpi_add_scaled_abreast(p->m->dtype, p->m->n_flat, rate, g->weights->data,
                          coupled ? g->grads->data : g->weights->data);
}

void mlpi_group_step (mlpi_Group *g, Step *p, size_t n) {
  mlpi_Steps s;
  for (size_t i = 0; i < n; i++) {
    if (p[i].schedule != NULL) p[i].opt[0] = mlpi_step_rate(p + i, p[i].t);
    p[i].t++;
  }
  for (size_t i = 0; i < N; i++) {
    s.opt[i] = p[i < n ? i : n - 1].opt;
    s.t[i] = p[i < n ? i : n - 1].t;
  }
  decay(g, &s, p);
  mlpi_step_kind(p)->abreast(&s, p->m->n_flat, g->weights->data, g->grads->data,
                             g->slots->data, p->m->n_flat);
}
