/*
** culprit.c - where the first number that is not finite came from. It costs
** nothing until a loss is not finite: then the batch is computed once more, op
** by op, and each result is looked at.
*/
#include "model/model.h"
#include "loss/loss.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct Search {
  mlp_Model *m;
  mlpi_Stage *g;
  mlpi_Culprit *found;
  size_t n, *rows, count;
} Search;

/* Rows (of the first dimension) of a that hold a number that is not finite. */
static size_t bad_rows (Search *s, const mlpi_Array *a) {
  size_t rows = a->ndim == 0 ? 1 : a->shape[0], count = 0;
  size_t width = rows == 0 ? 0 : mlpi_count(a) / rows;
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < width; j++) {
      double v = mlpi_get(a, i * width + j);
      if (isfinite(v)) continue;
      if (count == 0) s->found->value = v;
      if (count < s->n) s->rows[count] = i;
      count++;
      break;
    }
  return count;
}

static bool is_bad (Search *s, const mlpi_Array *a, const char *layer,
                    const char *op) {
  if (a->data == NULL || !mlpi_is_real(a->dtype)) return false;
  s->count = bad_rows(s, a);
  if (s->count == 0) return false;
  snprintf(s->found->layer, sizeof s->found->layer, "%s", layer);
  s->found->op = op;
  return true;
}

static bool bad_ends (Search *s) {
  for (int i = 0; i < s->m->n_in; i++)
    if (is_bad(s, &s->g->x[i].at, "input", NULL)) return true;
  for (int i = 0; i < s->m->n_out; i++) {
    if (s->g->y[i].symbol != NULL && is_bad(s, &s->g->y[i].at, "target", NULL))
      return true;
    if (s->g->w[i].symbol != NULL &&
        is_bad(s, &s->g->w[i].at, "sample_weight", NULL))
      return true;
  }
  return false;
}

/* A weight that is not finite already, in order of layers. */
static bool bad_weight (Search *s) {
  for (int i = 0; i < s->m->n_layers; i++) {
    const mlp_Layer *l = s->m->layer[i];
    for (int j = 0; j < l->n_weights; j++)
      if (is_bad(s, &l->weight[j].tensor->a, l->name, l->weight[j].name)) {
        s->found->weights = true;
        s->count = 0;
        return true;
      }
  }
  return false;
}

static bool all_finite (const mlpi_Array *a) {
  const size_t n = mlpi_count(a);
  for (size_t i = 0; i < n; i++)
    if (!isfinite(mlpi_get(a, i))) return false;
  return true;
}

static mlp_Status copied (Search *s, const mlpi_Array *a, mlp_Tensor **out) {
  mlp_Status status =
      mlpi_tensor_new(s->m->rt, a->dtype, a->ndim, a->shape, out);
  if (status == MLP_OK) mlpi_array_copy(a, &(*out)->a);
  return status;
}

/* The first operator whose result is not finite, among those behind t that
** the tape has kept; NULL: there is none. */
static const char *first_bad_op (mlp_Tensor *t) {
  const char *name = t->node != NULL ? t->node->op->name : NULL;
  uint64_t first = UINT64_MAX;
  mlpi_Node **node;
  size_t n;
  if (mlpi_nodes_behind(t->rt, 1, &t, NULL, &node, &n) != MLP_OK) return name;
  for (size_t i = 0; i < n; i++)
    for (int j = 0; j < node[i]->n_in; j++) {
      const mlp_Tensor *in = node[i]->in[j];
      if (in == NULL || in->node == NULL || in->node->number >= first ||
          in->node->op == NULL || !mlpi_is_real(in->a.dtype) ||
          all_finite(&in->a))
        continue;
      first = in->node->number;
      name = in->node->op->name;
    }
  mlpi_nodes_free(t->rt, node, n);
  return name;
}

/* The layer once more, with a tape, to name the operator in it. */
static void name_op (Search *s, mlp_Layer *l, int n_in, mlp_Tensor *const *in) {
  const mlpi_Pass pass = { s->g->training, s->m->iterations };
  mlp_Tensor *leaf[MLPI_MODEL_INPUTS] = { NULL }, *out = NULL;
  mlp_Status status = MLP_OK;
  s->m->rt->grad_disabled = false;
  for (int i = 0; i < n_in && status == MLP_OK; i++) {
    status = copied(s, &in[i]->a, &leaf[i]);
    if (status == MLP_OK) leaf[i]->requires_grad = mlpi_is_real(in[i]->a.dtype);
  }
  if (status == MLP_OK) status = mlpi_layer_call(l, n_in, leaf, &pass, &out);
  if (status == MLP_OK) s->found->inner = first_bad_op(out);
  s->m->rt->grad_disabled = true;
  mlpi_tensor_release(out);
  for (int i = 0; i < n_in; i++) mlpi_tensor_release(leaf[i]);
}

/* The loss of output i, of values that are finite, with a tape. */
static void name_op_of_loss (Search *s, int i, mlp_Tensor *value) {
  const mlpi_End *y = &s->g->y[i], *w = &s->g->w[i];
  mlp_Tensor *p = NULL, *target = NULL, *weight = NULL, *loss = NULL;
  if (y->symbol == NULL) return;
  mlp_Status status = copied(s, &value->a, &p);
  if (status == MLP_OK) status = copied(s, &y->at, &target);
  if (status == MLP_OK && w->symbol != NULL)
    status = copied(s, &w->at, &weight);
  if (status == MLP_OK) {
    s->m->rt->grad_disabled = false;
    p->requires_grad = true;
    status = mlpi_loss(s->m->out[i].loss, target, p, weight, &loss);
    s->m->rt->grad_disabled = true;
  }
  if (status == MLP_OK && !all_finite(&loss->a))
    s->found->inner = first_bad_op(loss);
  mlpi_tensor_release(loss);
  mlpi_tensor_release(p);
  mlpi_tensor_release(target);
  mlpi_tensor_release(weight);
}

static void search_losses (Search *s, mlp_Tensor *const *value) {
  for (int i = 0; i < s->m->n_out && s->found->inner == NULL; i++)
    if (s->m->out[i].loss != NULL)
      name_op_of_loss(s, i, value[s->m->out[i].use]);
}

/* The uses of the model on real tensors, until one gives what is not finite. */
static mlp_Status walk (Search *s, mlp_Tensor *const *x, mlp_Tensor **value) {
  const mlpi_Pass pass = { s->g->training, s->m->iterations };
  for (int i = 0; i < s->m->n_uses; i++) {
    const mlpi_Use *u = &s->m->use[i];
    mlp_Tensor *in[MLPI_MODEL_INPUTS];
    for (int j = 0; j < u->n_in; j++)
      in[j] = u->in[j] < 0 ? x[-1 - u->in[j]] : value[u->in[j]];
    mlp_Status status =
        mlpi_layer_call(u->layer, u->n_in, in, &pass, &value[i]);
    if (status != MLP_OK) return status;
    if (is_bad(s, &value[i]->a, u->layer->name, u->layer->o->kind->name)) {
      name_op(s, u->layer, u->n_in, in);
      return MLP_OK;
    }
  }
  return MLP_OK;
}

/* Inputs of the batch as tensors of their own. */
static mlp_Status copy_inputs (Search *s, mlp_Tensor **x) {
  for (int i = 0; i < s->m->n_in; i++) {
    mlp_Status status = copied(s, &s->g->x[i].at, &x[i]);
    if (status != MLP_OK) return status;
  }
  return MLP_OK;
}

static mlp_Status search_layers (Search *s) {
  mlp_Tensor *x[MLPI_PORTS] = { NULL };
  const size_t room = (size_t)s->m->n_uses * sizeof(mlp_Tensor *);
  mlp_Tensor **value = mlpi_calloc(s->m->rt, 1, room);
  if (value == NULL) return MLP_ENOMEM;
  const bool disabled = s->m->rt->grad_disabled;
  s->m->rt->grad_disabled = true;
  mlp_Status status = copy_inputs(s, x);
  if (status == MLP_OK) status = walk(s, x, value);
  if (status == MLP_OK && s->count == 0) search_losses(s, value);
  s->m->rt->grad_disabled = disabled;
  for (int i = 0; i < s->m->n_in; i++) mlpi_tensor_release(x[i]);
  for (int i = 0; i < s->m->n_uses; i++) mlpi_tensor_release(value[i]);
  mlpi_free(s->m->rt, value, room);
  return status;
}

size_t mlpi_model_culprit (mlp_Model *m, mlpi_Stage *g, mlpi_Culprit *found,
                           size_t n, size_t *rows) {
  Search s = { m, g, found, n, rows, 0 };
  *found = (mlpi_Culprit){ .op = NULL };
  if (bad_ends(&s) || bad_weight(&s)) return s.count;
  if (search_layers(&s) != MLP_OK || s.count > 0) return s.count;
  snprintf(found->layer, sizeof found->layer, "loss");
  for (int i = 0; i < m->n_out; i++)
    if (m->out[i].loss != NULL) {
      found->op = m->out[i].loss->kind->name;
      break;
    }
  found->value = mlpi_get(&g->loss.at, 0);
  return 0;
}
