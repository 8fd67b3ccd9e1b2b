/*
** step.c - one step of training, in the order of Keras 3: learning rate from
** its schedule, gradients accumulated, clipped, weights decayed, the
** optimizer's own pass, weights averaged.
*/
#include "model/model.h"
#include "base/pool.h"
#include "constraint/constraint.h"
#include "optimizer/optimizer.h"

#include <string.h>

typedef mlpi_Step Step;
typedef void (*Visit)(const Step *p, mlpi_Span span);

static const mlp_Optimizer *kind (const Step *p) {
  return (const mlp_Optimizer *)p->k;
}

static double common (const Step *p, int i) {
  return mlpi_common(kind(p), p->opt, i, 0);
}

static char *own_gradients (const Step *p) { return p->m->grads->data; }

static char *gradients (const Step *p, size_t at) {
  char *g = p->g == NULL ? own_gradients(p) : p->g;
  return g + at * mlpi_dtype_size(p->m->dtype);
}

/* Weights that are element 'at' of the flat ones and those after it. */
static void *weights (const Step *p, void *own, size_t at) {
  return p->w == NULL ? own : p->w + at * mlpi_dtype_size(p->m->dtype);
}

/* Slot k (from 0) from element 'at' on. */
static char *slot (const Step *p, int k, size_t at) {
  return (char *)p->m->slots->data +
         ((size_t)k * p->m->n_flat + at) * mlpi_dtype_size(p->m->dtype);
}

static void each_span (const Step *p, Visit f) {
  for (int i = 0; i < p->m->n_spans; i++) {
    mlpi_Span s = p->m->span[i];
    s.w = weights(p, s.w, s.at);
    f(p, s);
  }
}

/* The element of the flat gradient where that of a weight begins. */
static size_t place_of (const Step *p, const mlp_Tensor *t) {
  return (size_t)((char *)t->grad->a.data - own_gradients(p)) /
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
      const size_t at = place_of(p, t);
      const mlpi_Span w = { weights(p, t->a.data, at), mlpi_count(&t->a), at };
      f(p, m->layer[i], w, &t->a);
    }
}

/* A weight that the loss does not depend on has the gradient 0. *whole: there
** is none. */
static mlp_Status check_gradients (const mlp_Model *m, bool *whole) {
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

static void follow_schedule (mlp_Model *m, const mlp_Optimizer *k) {
  if (k->common == 0) return;
  const mlp_Object *s = m->optimizer->value[k->common + MLPI_SCHEDULE].object;
  if (s == NULL) return;
  m->optimizer->value[0].number =
      ((const mlp_Schedule *)s->kind)->value(s, m->iterations);
}

/* Add the gradients up; true, with their mean in place, when it is time. */
static bool accumulate (const Step *p) {
  const mlp_Model *m = p->m;
  char *sum;
  if (p->every == 1) return true;
  sum = slot(p, kind(p)->slots(p->opt), 0);
  mlpi_add_scaled(m->dtype, m->n_flat, 1, gradients(p, 0), sum);
  if (m->iterations % p->every != 0) return false;
  const size_t bytes = m->n_flat * mlpi_dtype_size(m->dtype);
  memcpy(gradients(p, 0), sum, bytes);
  memset(sum, 0, bytes);
  mlpi_scale(m->dtype, m->n_flat, 1 / (double)p->every, gradients(p, 0));
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
  const double sum = mlpi_sum_squares(dtype, n, gradients(p, at));
  const double norm = __builtin_sqrt(sum) + (is_torch(p) ? 1e-6 : 0);
  if (norm > limit) mlpi_scale(dtype, n, limit / norm, gradients(p, at));
}

static void clip_weight (const Step *p, const mlp_Layer *l, mlpi_Span w,
                         const mlpi_Array *a) {
  (void)l, (void)a;
  limit_norm(p, w.n, w.at, common(p, MLPI_CLIPNORM));
}

static void clip (const Step *p) {
  const mlp_Model *m = p->m;
  const double all = common(p, MLPI_GLOBAL_CLIPNORM);
  const double value = common(p, MLPI_CLIPVALUE);
  if (common(p, MLPI_CLIPNORM) != 0) each_weight(p, clip_weight);
  if (all != 0) limit_norm(p, m->n_flat, 0, all);
  if (value != 0) mlpi_clip(m->dtype, m->n_flat, value, gradients(p, 0));
}

/* Weight decay as PyTorch's Adam and others have it: through the gradient. */
static bool is_coupled (const Step *p) {
  return is_torch(p) && !kind(p)->decoupled;
}

static void decay (const Step *p, mlpi_Span w) {
  const double rate = common(p, MLPI_WEIGHT_DECAY);
  if (is_coupled(p))
    mlpi_add_scaled(p->m->dtype, w.n, rate, w.w, gradients(p, w.at));
  else
    mlpi_add_scaled(p->m->dtype, w.n, -rate * p->opt[0], w.w, w.w);
}

static void apply (const Step *p, mlpi_Span w) {
  kind(p)->step(p->opt, w.n, w.w, gradients(p, w.at), slot(p, 0, w.at),
                p->m->n_flat, p->t);
}

static bool is_matrix (const Step *p, const mlp_Layer *l, const mlpi_Array *a) {
  const mlp_Optimizer *k = kind(p);
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
                          .g = gradients(p, w.at),
                          .state = slot(p, 0, w.at),
                          .stride = p->m->n_flat,
                          .scratch =
                              p->m->work == NULL ? NULL : p->m->work->data };
  kind(p)->step_matrix(p->opt, &m, p->t);
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
  kind(p)->start(p->opt, w.n, w.w, slot(p, 0, w.at), p->m->n_flat);
}

static int average_slot (const Step *p) {
  return kind(p)->slots(p->opt) + (p->every > 1);
}

/* The first average is the weights themselves. */
static void average (const Step *p, mlpi_Span w) {
  const double share = p->t == 1 ? 1 : 1 - common(p, MLPI_EMA_MOMENTUM);
  mlpi_approach(p->m->dtype, w.n, share, w.w, slot(p, average_slot(p), w.at));
}

static bool is_constrained (const mlp_Model *m) {
  for (int i = 0; i < m->n_layers; i++)
    for (int j = 0; j < m->layer[i]->n_weights; j++)
      if (m->layer[i]->weight[j].constraint != NULL) return true;
  return false;
}

static void begin (Step *p, mlp_Model *m) {
  p->m = m;
  p->k = m->optimizer_kind;
  p->w = p->g = NULL;
  p->constrained = is_constrained(m);
  p->whole = false;
  mlpi_optimizer_options(m->optimizer, p->opt);
  p->every = (uint64_t)mlpi_common(kind(p), p->opt, MLPI_ACCUMULATION, 1);
  p->t = m->iterations / p->every;
}

/* After the step: weights go back to where their constraints want them. */
static void constrain (const Step *p, mlp_Layer *l) {
  for (int i = 0; i < l->n_weights; i++) {
    const mlpi_Weight *w = &l->weight[i];
    const mlpi_Array *a = &w->tensor->a;
    if (w->constraint == NULL || !w->tensor->requires_grad) continue;
    const mlp_Constraint *k =
        (const mlp_Constraint *)mlpi_object_kind(w->constraint, a->dtype);
    size_t n = mlpi_count(a), rows = a->ndim == 0 ? 1 : a->shape[0];
    if (n > 0)
      k->project(w->constraint, rows, n / rows,
                 weights(p, a->data, place_of(p, w->tensor)));
  }
}

mlp_Status mlpi_step_begin (Step *p, mlp_Model *m, void *w, void *g) {
  mlp_Status s = MLP_OK;
  if (m->grads == NULL || m->optimizer_kind == NULL) s = mlpi_model_prepare(m);
  if (s == MLP_OK) s = mlpi_optimizer_check(m->optimizer);
  if (s != MLP_OK) return s;
  begin(p, m);
  p->w = w;
  p->g = g;
  return mlpi_model_make_slots(m, p->opt);
}

void mlpi_step_take (Step *p) {
  mlp_Model *m = p->m;
  follow_schedule(m, (const mlp_Optimizer *)m->optimizer->kind);
  p->opt[0] = m->optimizer->value[0].number;
  p->t = ++m->iterations / p->every;
  if (!accumulate(p)) return;
  clip(p);
  if (p->t == 1 && kind(p)->start != NULL) each_span(p, start);
  if (common(p, MLPI_WEIGHT_DECAY) != 0) each_span(p, decay);
  if (kind(p)->per_weight)
    each_weight(p, apply_weight);
  else
    each_span(p, apply_span);
  if (common(p, MLPI_USE_EMA) != 0) each_span(p, average);
  for (int i = 0; p->constrained && i < m->n_layers; i++)
    constrain(p, m->layer[i]);
}

mlp_Status mlpi_step_check (Step *p) {
  return p->whole ? MLP_OK : check_gradients(p->m, &p->whole);
}

mlp_Status mlpi_model_step (mlp_Model *m) {
  Step p;
  if (mlpi_model_descends(m))
    return mlpi_error(m->rt, MLP_ESTATE,
                      "step: expected an optimizer that takes a step from a "
                      "gradient, got %s, which looks at the loss of a batch "
                      "several times; use model:fit or mlp.minimize",
                      m->optimizer->kind->name);
  mlp_Status s = mlpi_step_begin(&p, m, NULL, NULL);
  if (s == MLP_OK) s = mlpi_step_check(&p);
  if (s == MLP_OK) {
    mlpi_step_take(&p);
    mlpi_model_touch(m);
  }
  return s;
}

void mlpi_model_touch (mlp_Model *m) {
  for (int i = 0; i < m->n_layers; i++)
    for (int j = 0; j < m->layer[i]->n_weights; j++) {
      mlpi_Storage *storage = m->layer[i]->weight[j].tensor->storage;
      if (storage != NULL) storage->version++;
    }
}

/*
** Optimizers that look at the loss more than once a step
*/

typedef struct Descent {
  Step p;
  void *ud;
  mlp_Status (*look)(void *ud, double *loss);
} Descent;

/* The weights of all spans, laid out as their gradients are. */
static void read_weights (void *ud, void *x) {
  const Step *p = &((Descent *)ud)->p;
  const size_t size = mlpi_dtype_size(p->m->dtype);
  for (int i = 0; i < p->m->n_spans; i++) {
    const mlpi_Span w = p->m->span[i];
    memcpy((char *)x + w.at * size, w.w, w.n * size);
  }
}

static void move (const Step *p, const char *x, const char *d, double t) {
  const size_t size = mlpi_dtype_size(p->m->dtype);
  for (int i = 0; i < p->m->n_spans; i++) {
    const mlpi_Span w = p->m->span[i];
    memcpy(w.w, x + w.at * size, w.n * size);
    if (t != 0) mlpi_add_scaled(p->m->dtype, w.n, t, d + w.at * size, w.w);
  }
}

static mlp_Status look_at (void *ud, const void *x, const void *d, double t,
                           double *loss) {
  Descent *k = ud;
  move(&k->p, x, d, t);
  mlp_Status s = k->look(k->ud, loss);
  return s == MLP_OK ? check_gradients(k->p.m, &k->p.whole) : s;
}

bool mlpi_model_descends (const mlp_Model *m) {
  return m->optimizer != NULL &&
         ((const mlp_Optimizer *)m->optimizer->kind)->descend != NULL;
}

mlp_Status mlpi_model_descend (mlp_Model *m, double loss, void *ud,
                               mlp_Status (*look)(void *ud, double *loss),
                               bool *stalled) {
  Descent k = { .ud = ud, .look = look };
  bool whole;
  mlp_Status s = mlpi_model_prepare(m);
  if (s == MLP_OK) s = check_gradients(m, &whole);
  if (s != MLP_OK) return s;
  begin(&k.p, m);
  mlpi_Objective f = { .n = m->n_flat,
                       .loss = loss,
                       .g = gradients(&k.p, 0),
                       .ud = &k,
                       .read = read_weights,
                       .look = look_at };
  s = kind(&k.p)->descend(k.p.opt, &f, slot(&k.p, 0, 0), m->n_flat);
  if (s != MLP_OK) { /* the weights it began from are its last slot but two */
    move(&k.p, slot(&k.p, kind(&k.p)->slots(k.p.opt) - 3, 0), NULL, 0);
    return s;
  }
  *stalled = f.stalled;
  mlpi_model_touch(m);
  m->iterations++;
  for (int i = 0; i < m->n_layers; i++) constrain(&k.p, m->layer[i]);
  return MLP_OK;
}

static void take_average (const Step *p, mlpi_Span w) {
  memcpy(w.w, slot(p, average_slot(p), w.at),
         w.n * mlpi_dtype_size(p->m->dtype));
}

/* Both ways, through a small buffer. */
static void swap_average (const Step *p, mlpi_Span w) {
  char buffer[1024], *a = w.w, *b = slot(p, average_slot(p), w.at);
  size_t left = w.n * mlpi_dtype_size(p->m->dtype);
  while (left > 0) {
    const size_t n = left < sizeof buffer ? left : sizeof buffer;
    memcpy(buffer, a, n);
    memcpy(a, b, n);
    memcpy(b, buffer, n);
    a += n, b += n, left -= n;
  }
}

/* Call f on every span, with its average; false where there are none yet. */
static bool each_average (mlp_Model *m, Visit f) {
  Step p;
  if (m->slots == NULL || m->optimizer_kind == NULL) return false;
  begin(&p, m);
  if (common(&p, MLPI_USE_EMA) == 0 || p.t == 0) return false;
  if (mlpi_model_slots(m) == 0) return false; /* not of these options */
  each_span(&p, f);
  return true;
}

void mlpi_model_use_average (mlp_Model *m) { each_average(m, take_average); }

bool mlpi_model_swap_average (mlp_Model *m) {
  return each_average(m, swap_average);
}
