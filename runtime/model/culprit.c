/*
** culprit.c - where the first number that is not finite came from. It costs
** nothing until a loss is not finite: then the batch is computed once more, op
** by op, and each result is looked at.
*/
#include "model/model.h"

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
    if (is_bad(s, &value[i]->a, u->layer->name, u->layer->o->kind->name))
      return MLP_OK;
  }
  return MLP_OK;
}

/* Inputs of the batch as tensors of their own. */
static mlp_Status copy_inputs (Search *s, mlp_Tensor **x) {
  for (int i = 0; i < s->m->n_in; i++) {
    const mlpi_Array *a = &s->g->x[i].at;
    mlp_Status status =
        mlpi_tensor_new(s->m->rt, a->dtype, a->ndim, a->shape, &x[i]);
    if (status != MLP_OK) return status;
    mlpi_array_copy(a, &x[i]->a);
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
