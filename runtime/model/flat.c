/*
** flat.c - gradients and slots in flat segments; the pass is in step.c.
** Weights that lie next to each other in memory get gradients that do too, so
** that a model built in one piece takes one pass in all.
*/
#include "model/model.h"
#include "optimizer/optimizer.h"

#include <string.h>

enum { PADDING = 64 }; /* bytes, as in layer.c */

typedef void (*Visit)(mlp_Model *m, mlp_Tensor *t, void *ud);

static void each_trainable (mlp_Model *m, Visit f, void *ud) {
  for (int i = 0; i < m->n_layers; i++)
    for (int j = 0; j < m->layer[i]->n_weights; j++) {
      mlp_Tensor *t = m->layer[i]->weight[j].tensor;
      if (t->requires_grad) f(m, t, ud);
    }
}

/* Elements that a weight takes, padding included. */
static size_t padded (const mlp_Tensor *t) {
  size_t per = PADDING / mlpi_dtype_size(t->a.dtype);
  return (mlpi_count(&t->a) + per - 1) / per * per;
}

static void add_size (mlp_Model *m, mlp_Tensor *t, void *ud) {
  (void)ud;
  m->n_flat += padded(t);
  m->span_room++;
}

/* Give t its stretch of the flat gradient; start or lengthen a span. */
static void attach (mlp_Model *m, mlp_Tensor *t, void *ud) {
  size_t *at = ud, size = mlpi_dtype_size(t->a.dtype), n = padded(t);
  mlpi_Span *last = m->n_spans > 0 ? &m->span[m->n_spans - 1] : NULL;
  mlpi_Array old = t->grad->a;
  mlpi_Storage *keep = t->grad->storage; /* a gradient that is there stays */
  if (keep != NULL) keep->refs++;
  mlpi_tensor_attach(t->grad, m->grads, *at * size);
  if (keep != NULL && t->grad_set) mlpi_array_copy(&old, &t->grad->a);
  mlpi_storage_release(keep);
  if (last != NULL && (char *)last->w + last->n * size == (char *)t->a.data)
    last->n += n;
  else
    m->span[m->n_spans++] = (mlpi_Span){ t->a.data, n, *at };
  *at += n;
}

typedef struct Making {
  mlp_Status status;
} Making;

static void make_grad (mlp_Model *m, mlp_Tensor *t, void *ud) {
  Making *k = ud;
  if (k->status != MLP_OK || t->grad != NULL) return;
  k->status =
      mlpi_tensor_unbacked(m->rt, t->a.dtype, t->a.ndim, t->a.shape, &t->grad);
}

/* Which layers and weights are trained, as a number (FNV-1a of bits). */
static uint64_t trained (const mlp_Model *m) {
  uint64_t h = 0xcbf29ce484222325u;
  for (int i = 0; i < m->n_layers; i++) {
    const mlp_Layer *l = m->layer[i];
    h = (h ^ (l->trainable + 1u)) * 0x100000001b3u;
    for (int j = 0; j < l->n_weights; j++)
      h = (h ^ (l->weight[j].tensor->requires_grad + 1u)) * 0x100000001b3u;
  }
  return h;
}

void mlpi_model_refresh (mlp_Model *m) {
  if (m->freezes == m->rt->freezes) return;
  m->freezes = m->rt->freezes;
  const uint64_t now = trained(m);
  if (now == m->trained || !m->built) return;
  m->trained = now;
  mlpi_model_forget(m);
  if (m->slots == NULL) return;
  mlpi_storage_release(m->slots);
  m->slots = NULL;
  m->iterations = 0;
}

/* Lay out the flat gradient; nothing to do where that was done. */
static mlp_Status flatten (mlp_Model *m) {
  Making k = { MLP_OK };
  size_t at = 0, size = mlpi_dtype_size(m->dtype);
  if (m->grads != NULL) return MLP_OK;
  mlpi_free(m->rt, m->span, (size_t)m->span_room * sizeof *m->span);
  m->span = NULL;
  m->trained = trained(m);
  m->n_flat = 0;
  m->n_spans = m->span_room = 0;
  each_trainable(m, add_size, NULL);
  m->span = mlpi_alloc(m->rt, (size_t)m->span_room * sizeof *m->span);
  if (m->span == NULL) {
    m->span_room = 0;
    return MLP_ENOMEM;
  }
  each_trainable(m, make_grad, &k);
  if (k.status != MLP_OK) return k.status;
  mlp_Status s = mlpi_storage_new(m->rt, m->n_flat * size, &m->grads);
  if (s != MLP_OK) return s;
  memset(m->grads->data, 0, m->n_flat * size);
  each_trainable(m, attach, &at);
  return MLP_OK;
}

static size_t slot_bytes (const mlp_Model *m, int slots) {
  return (size_t)slots * m->n_flat * mlpi_dtype_size(m->dtype);
}

/* Room for the largest matrix that the optimizer steps as one. */
static void add_scratch (mlp_Model *m, mlp_Tensor *t, void *ud) {
  const mlp_Optimizer *k = (const mlp_Optimizer *)m->optimizer_kind;
  size_t *most = ud;
  if (t->a.ndim != 2) return;
  const size_t bytes = k->scratch(t->a.shape[0], t->a.shape[1]);
  if (bytes > *most) *most = bytes;
}

/* *held of at least so many bytes; what is there may stay. */
static mlp_Status ensure (mlp_Model *m, size_t bytes, mlpi_Storage **held) {
  mlpi_Storage *made;
  if (*held != NULL && (*held)->bytes >= bytes) return MLP_OK;
  mlp_Status s = mlpi_storage_new(m->rt, bytes, &made);
  if (s != MLP_OK) return s;
  memset(made->data, 0, bytes);
  mlpi_storage_release(*held);
  *held = made;
  return MLP_OK;
}

mlp_Status mlpi_model_make_slots (mlp_Model *m, const double *opt) {
  const mlp_Optimizer *k = (const mlp_Optimizer *)m->optimizer_kind;
  size_t scratch = 0;
  if (k->scratch != NULL) each_trainable(m, add_scratch, &scratch);
  mlp_Status s = scratch == 0 ? MLP_OK : ensure(m, scratch, &m->work);
  if (s != MLP_OK) return s;
  return ensure(m, slot_bytes(m, mlpi_optimizer_slots(k, opt)), &m->slots);
}

mlp_Status mlpi_model_prepare (mlp_Model *m) {
  double opt[MLP_OPTIONS_MAX];
  mlpi_model_refresh(m);
  if (m->optimizer == NULL)
    return mlpi_error(m->rt, MLP_ESTATE,
                      "model: expected a compiled model, got one without an "
                      "optimizer; call model:compile{...} first");
  if (!m->built)
    return mlpi_error(m->rt, MLP_ESTATE,
                      "model: expected a model that is built; call it on data "
                      "first");
  mlp_Status s = mlpi_optimizer_check(m->optimizer);
  if (s == MLP_OK) s = flatten(m);
  if (s != MLP_OK) return s;
  if (m->optimizer_kind == NULL)
    m->optimizer_kind = mlpi_object_kind(m->optimizer, m->dtype);
  mlpi_optimizer_options(m->optimizer, opt);
  return mlpi_model_make_slots(m, opt);
}

int mlpi_model_slots (const mlp_Model *m) {
  double opt[MLP_OPTIONS_MAX];
  if (m->slots == NULL || m->optimizer == NULL) return 0;
  mlpi_optimizer_options(m->optimizer, opt);
  int n = mlpi_optimizer_slots((const mlp_Optimizer *)m->optimizer->kind, opt);
  return m->slots->bytes >= slot_bytes(m, n) ? n : 0;
}

mlpi_Array mlpi_model_slot (const mlp_Model *m, const mlp_Tensor *weight, int k,
                            size_t *at) {
  mlpi_Array a = weight->a;
  a.data = (char *)m->slots->data +
           ((size_t)k * m->n_flat + *at) * mlpi_dtype_size(m->dtype);
  mlpi_set_strides(&a);
  *at += padded(weight);
  return a;
}

static void unset (mlp_Model *m, mlp_Tensor *t, void *ud) {
  (void)m, (void)ud;
  t->grad_set = false;
}

void mlpi_model_zero_grad (mlp_Model *m) { each_trainable(m, unset, NULL); }
