/*
** step.c - one step of training, in the order of Keras 3: gradients of a scaled
** loss divided, learning rate from its schedule, gradients accumulated,
** clipped, weights decayed, the optimizer's own pass, weights averaged.
*/
#include "model/step.h"
#include "base/pool.h"
#include "constraint/constraint.h"

#include <string.h>

typedef mlpi_Step Step;

void mlpi_step_spans (const Step *p, mlpi_SpanVisit f) {
  for (int i = 0; i < p->m->n_spans; i++) f(p, p->m->span[i]);
}

/* The element of the flat gradient where that of a weight begins. */
static size_t place_of (const Step *p, const mlp_Tensor *t) {
  return (size_t)((char *)t->grad->a.data - mlpi_step_gradients(p, 0)) /
         mlpi_dtype_size(p->m->dtype);
}

typedef void (*VisitWeight)(const Step *p, const mlp_Layer *l, mlpi_Span span,
                            const mlpi_Array *a);

static void each_weight (const Step *p, VisitWeight f) {
  const mlp_Model *m = p->m;
  for (int i = 0; i < m->n_layers; i++)
    for (int j = 0; j < m->layer[i]->n_weights; j++) {
      const mlp_Tensor *t = m->layer[i]->weight[j].tensor;
      if (!t->requires_grad) continue;
      const mlpi_Span w = { t->a.data, mlpi_count(&t->a), place_of(p, t) };
      f(p, m->layer[i], w, &t->a);
    }
}

mlp_Status mlpi_step_filled (const mlp_Model *m, bool *whole) {
  size_t set = 0, all = 0;
  for (int i = 0; i < m->n_layers; i++)
    for (int j = 0; j < m->layer[i]->n_weights; j++) {
      mlp_Tensor *t = m->layer[i]->weight[j].tensor;
      all += t->requires_grad;
      set += t->requires_grad && t->grad_set;
      if (t->requires_grad && !t->grad_set)
        memset(t->grad->a.data, 0,
               mlpi_count(&t->a) * mlpi_dtype_size(t->a.dtype));
    }
  *whole = set == all;
  if (set > 0 || all == 0) return MLP_OK;
  return mlpi_error(m->rt, MLP_ESTATE,
                    "step: expected the gradients of a loss; call "
                    "loss:backward() first");
}

static const mlp_Object *schedule_of (const mlp_Model *m) {
  const mlp_Optimizer *k = (const mlp_Optimizer *)m->optimizer->kind;
  if (k->common == 0) return NULL;
  return m->optimizer->value[k->common + MLPI_SCHEDULE].object;
}

double mlpi_step_rate (const Step *p, uint64_t t) {
  const mlp_Object *s = p->schedule;
  return ((const mlp_Schedule *)s->kind)->value(s, t);
}

/* Add the gradients up; true, with their mean in place, when it is time. */
static bool accumulate (const Step *p) {
  const mlp_Model *m = p->m;
  char *sum;
  if (p->every == 1) return true;
  sum = mlpi_step_slot(p, mlpi_step_kind(p)->slots(p->opt), 0);
  mlpi_add_scaled(m->dtype, m->n_flat, 1, mlpi_step_gradients(p, 0), sum);
  if (m->iterations % p->every != 0) return false;
  const size_t bytes = m->n_flat * mlpi_dtype_size(m->dtype);
  memcpy(mlpi_step_gradients(p, 0), sum, bytes);
  memset(sum, 0, bytes);
  mlpi_scale(m->dtype, m->n_flat, 1 / (double)p->every,
             mlpi_step_gradients(p, 0));
  return true;
}

static bool is_torch (const Step *p) {
  const int i = mlpi_option_index(p->k, "compat");
  return i >= 0 && p->opt[i] == MLPI_TORCH;
}

/* n gradients from 'at' on, no longer than 'limit' together; PyTorch's
** clip_grad_norm_ takes the norm for a bit longer than it is. */
static void limit_norm (const Step *p, size_t n, size_t at, double limit) {
  const mlp_Dtype dtype = p->m->dtype;
  const double sum = mlpi_sum_squares(dtype, n, mlpi_step_gradients(p, at));
  const double norm = __builtin_sqrt(sum) + (is_torch(p) ? 1e-6 : 0);
  if (norm > limit)
    mlpi_scale(dtype, n, limit / norm, mlpi_step_gradients(p, at));
}

static void clip_weight (const Step *p, const mlp_Layer *l, mlpi_Span w,
                         const mlpi_Array *a) {
  (void)l, (void)a;
  limit_norm(p, w.n, w.at, mlpi_step_common(p, MLPI_CLIPNORM));
}

static void clip (const Step *p) {
  const mlp_Model *m = p->m;
  const double all = mlpi_step_common(p, MLPI_GLOBAL_CLIPNORM);
  const double value = mlpi_step_common(p, MLPI_CLIPVALUE);
  if (mlpi_step_common(p, MLPI_CLIPNORM) != 0) each_weight(p, clip_weight);
  if (all != 0) limit_norm(p, m->n_flat, 0, all);
  if (value != 0)
    mlpi_clip(m->dtype, m->n_flat, value, mlpi_step_gradients(p, 0));
}

bool mlpi_step_couples (const Step *p) {
  return is_torch(p) && !mlpi_step_kind(p)->decoupled;
}

static void decay (const Step *p, mlpi_Span w) {
  const double rate = mlpi_step_common(p, MLPI_WEIGHT_DECAY);
  if (mlpi_step_couples(p))
    mlpi_add_scaled(p->m->dtype, w.n, rate, w.w, mlpi_step_gradients(p, w.at));
  else
    mlpi_add_scaled(p->m->dtype, w.n, -rate * p->opt[0], w.w, w.w);
}

static void apply (const Step *p, mlpi_Span w) {
  mlpi_step_kind(p)->step(p->opt, w.n, w.w, mlpi_step_gradients(p, w.at),
                          mlpi_step_slot(p, 0, w.at), p->m->n_flat, p->t);
}

static bool is_matrix (const Step *p, const mlp_Layer *l, const mlpi_Array *a) {
  const mlp_Optimizer *k = mlpi_step_kind(p);
  return k->step_matrix != NULL && a->ndim == 2 &&
         (k->takes_matrix == NULL || k->takes_matrix(p->m->optimizer, l));
}

/* A matrix in one piece, where the optimizer wants it so. */
static void apply_weight (const Step *p, const mlp_Layer *l, mlpi_Span w,
                          const mlpi_Array *a) {
  if (!is_matrix(p, l, a)) {
    apply(p, w);
    return;
  }
  const mlpi_Matrix m = { .rt = p->m->rt,
                          .rows = a->shape[0],
                          .cols = a->shape[1],
                          .w = w.w,
                          .g = mlpi_step_gradients(p, w.at),
                          .state = mlpi_step_slot(p, 0, w.at),
                          .stride = p->m->n_flat,
                          .scratch =
                              p->m->work == NULL ? NULL : p->m->work->data };
  mlpi_step_kind(p)->step_matrix(p->opt, &m, p->t);
}

/* A span that many threads share: every element is on its own. */
typedef struct Shared {
  const Step *p;
  mlpi_Span span;
} Shared;

enum { TILE = 1 << 13, SHARED = 1 << 16 }; /* elements; of all, worth it */

static void apply_tile (void *ud, size_t tile) {
  const Shared *s = ud;
  const size_t at = tile * TILE, left = s->span.n - at;
  apply(s->p,
        (mlpi_Span){ (char *)s->span.w + at * mlpi_dtype_size(s->p->m->dtype),
                     left < TILE ? left : TILE, s->span.at + at });
}

static void apply_span (const Step *p, mlpi_Span w) {
  Shared s = { p, w };
  if (w.n < SHARED)
    apply(p, w);
  else
    mlpi_parallel(p->m->rt, (w.n + TILE - 1) / TILE, apply_tile, &s);
}

static void start (const Step *p, mlpi_Span w) {
  mlpi_step_kind(p)->start(p->opt, w.n, w.w, mlpi_step_slot(p, 0, w.at),
                           p->m->n_flat);
}

static bool is_constrained (const mlp_Model *m) {
  for (int i = 0; i < m->n_layers; i++)
    for (int j = 0; j < m->layer[i]->n_weights; j++)
      if (m->layer[i]->weight[j].constraint != NULL) return true;
  return false;
}

void mlpi_step_for (Step *p, mlp_Model *m) {
  p->m = m;
  p->k = m->optimizer_kind;
  p->schedule = schedule_of(m);
  p->constrained = is_constrained(m);
  p->whole = false;
  mlpi_optimizer_options(m->optimizer, p->opt);
  p->every =
      (uint64_t)mlpi_common(mlpi_step_kind(p), p->opt, MLPI_ACCUMULATION, 1);
  p->t = m->iterations / p->every;
}

void mlpi_step_constrain (mlp_Layer *l) {
  for (int i = 0; i < l->n_weights; i++) {
    const mlpi_Weight *w = &l->weight[i];
    const mlpi_Array *a = &w->tensor->a;
    if (w->constraint == NULL || !w->tensor->requires_grad) continue;
    const mlp_Constraint *k =
        (const mlp_Constraint *)mlpi_object_kind(w->constraint, a->dtype);
    size_t n = mlpi_count(a), rows = a->ndim == 0 ? 1 : a->shape[0];
    if (n > 0) k->project(w->constraint, rows, n / rows, a->data);
  }
}

mlp_Status mlpi_step_begin (Step *p, mlp_Model *m) {
  mlp_Status s = MLP_OK;
  if (m->grads == NULL || m->optimizer_kind == NULL) s = mlpi_model_prepare(m);
  if (s == MLP_OK) s = mlpi_optimizer_check(m->optimizer);
  if (s != MLP_OK) return s;
  mlpi_step_for(p, m);
  return mlpi_model_make_slots(m, p->opt);
}

void mlpi_step_take (Step *p) {
  mlp_Model *m = p->m;
  if (p->schedule != NULL)
    m->optimizer->value[0].number = mlpi_step_rate(p, m->iterations);
  p->opt[0] = m->optimizer->value[0].number;
  p->t = ++m->iterations / p->every;
  if (!accumulate(p)) return;
  clip(p);
  if (p->t == 1 && mlpi_step_kind(p)->start != NULL) mlpi_step_spans(p, start);
  if (mlpi_step_common(p, MLPI_WEIGHT_DECAY) != 0 &&
      !mlpi_step_kind(p)->own_decay)
    mlpi_step_spans(p, decay);
  if (mlpi_step_kind(p)->per_weight)
    each_weight(p, apply_weight);
  else
    mlpi_step_spans(p, apply_span);
  if (mlpi_step_common(p, MLPI_USE_EMA) != 0)
    mlpi_step_spans(p, mlpi_step_average);
  for (int i = 0; p->constrained && i < m->n_layers; i++)
    mlpi_step_constrain(m->layer[i]);
}

mlp_Status mlpi_step_check (Step *p) {
  return p->whole ? MLP_OK : mlpi_step_filled(p->m, &p->whole);
}

double mlpi_model_loss_scale (const mlp_Model *m) {
  const mlp_Optimizer *k = (const mlp_Optimizer *)m->optimizer->kind;
  if (k->common == 0) return 1;
  const double scale = m->optimizer->value[k->common + MLPI_LOSS_SCALE].number;
  return scale == 0 ? 1 : scale;
}

void mlpi_model_unscale (const mlp_Model *m) {
  const double scale = mlpi_model_loss_scale(m);
  if (scale == 1) return;
  mlpi_divide(m->dtype, m->n_flat, scale, m->grads->data);
}

mlp_Status mlpi_model_step (mlp_Model *m, bool scaled) {
  Step p;
  if (mlpi_model_descends(m))
    return mlpi_error(m->rt, MLP_ESTATE,
                      "step: expected an optimizer that takes a step from a "
                      "gradient, got %s, which looks at the loss of a batch "
                      "several times; use model:fit or mlp.minimize",
                      m->optimizer->kind->name);
  mlp_Status s = mlpi_step_begin(&p, m);
  if (s == MLP_OK) s = mlpi_step_check(&p);
  if (s != MLP_OK) return s;
  if (scaled) mlpi_model_unscale(m);
  mlpi_step_take(&p);
  mlpi_model_touch(m);
  return MLP_OK;
}

void mlpi_model_touch (mlp_Model *m) {
  for (int i = 0; i < m->n_layers; i++)
    for (int j = 0; j < m->layer[i]->n_weights; j++) {
      mlpi_Storage *storage = m->layer[i]->weight[j].tensor->storage;
      if (storage != NULL) storage->version++;
    }
}
