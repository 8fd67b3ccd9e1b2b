/*
** stage.c - a model traced and compiled for batches of one size and mode; and
** the loss that both executors compute.
*/
#include "model/model.h"
#include "loss/loss.h"
#include "regularizer/regularizer.h"

#include <string.h>

/* *sum = *sum + t, either of which may be NULL; takes t. */
static mlp_Status add_to (mlp_Tensor **sum, mlp_Tensor *t) {
  mlp_Tensor *next = NULL;
  if (*sum == NULL) {
    *sum = t;
    return MLP_OK;
  }
  mlp_Status s = mlpi_apply2("add", NULL, *sum, t, &next);
  mlpi_tensor_release(t);
  mlpi_tensor_release(*sum);
  *sum = next;
  return s;
}

static mlp_Status add_penalties (mlp_Layer *l, mlp_Tensor **sum) {
  for (int i = 0; i < l->n_weights; i++) {
    const mlp_Object *r = l->weight[i].regularizer;
    mlp_Tensor *penalty = NULL;
    if (r == NULL) continue;
    mlp_Status s = ((const mlp_Regularizer *)r->kind)
                       ->penalty(r, l->weight[i].tensor, &penalty);
    if (s == MLP_OK) s = add_to(sum, penalty);
    if (s != MLP_OK) return s;
  }
  return MLP_OK;
}

static bool is_penalty (const mlpi_Node *n) {
  return n->op != NULL && strcmp(n->op->name, "with_penalty") == 0;
}

/* Penalties on outputs of layers, found on the way to p. */
static mlp_Status add_activities (mlp_Model *m, mlp_Tensor *p,
                                  mlp_Tensor **sum) {
  mlpi_Node **node;
  size_t n;
  mlp_Status s = mlpi_nodes_behind(m->rt, 1, &p, NULL, &node, &n);
  for (size_t i = 0; i < n && s == MLP_OK; i++)
    if (is_penalty(node[i]) && node[i]->in[1] != NULL)
      s = add_to(sum, mlpi_tensor_retain(node[i]->in[1]));
  mlpi_nodes_free(m->rt, node, n);
  return s;
}

mlp_Status mlpi_model_loss (mlp_Model *m, mlp_Tensor *y, mlp_Tensor *p,
                            mlp_Tensor **out) {
  mlp_Tensor *sum = NULL;
  *out = NULL;
  if (m->loss == NULL && m->host_loss == NULL)
    return mlpi_error(m->rt, MLP_ESTATE,
                      "model: expected a compiled model, got one without a "
                      "loss; call model:compile{...} first");
  mlp_Status s = m->host_loss != NULL ? m->host_loss(m->host_ud, y, p, &sum)
                                      : mlpi_loss(m->loss, y, p, &sum);
  for (int i = 0; i < m->n_layers && s == MLP_OK; i++)
    s = add_penalties(m->layer[i], &sum);
  if (s == MLP_OK) s = add_activities(m, p, &sum);
  if (s != MLP_OK) {
    mlpi_tensor_release(sum);
    return s;
  }
  *out = sum;
  return MLP_OK;
}

static void free_stage (mlp_Runtime *rt, mlpi_Stage *g) {
  mlpi_plan_release(g->plan);
  mlpi_tensor_release(g->x);
  mlpi_tensor_release(g->y);
  mlpi_tensor_release(g->p);
  mlpi_tensor_release(g->loss);
  mlpi_free(rt, g, sizeof *g);
}

void mlpi_model_forget (mlp_Model *m) {
  while (m->stages != NULL) {
    mlpi_Stage *g = m->stages;
    m->stages = g->next;
    free_stage(m->rt, g);
  }
  mlpi_storage_release(m->grads);
  m->grads = NULL;
}

static mlp_Status trace_model (mlp_Model *m, mlpi_Trace *t, mlpi_Stage *g,
                               const mlp_Tensor *y) {
  size_t shape[MLP_MAXDIM];
  memcpy(shape, m->in_shape, sizeof shape);
  shape[0] = g->rows;
  const mlpi_Pass pass = { .training = g->training, .step = m->iterations };
  mlp_Status s = mlpi_trace_input(t, m->dtype, m->in_ndim, shape, &g->x);
  if (s == MLP_OK) s = mlpi_model_call(m, g->x, &pass, &g->p);
  if (s != MLP_OK || y == NULL) return s;
  memcpy(shape, y->a.shape, sizeof shape);
  shape[0] = g->rows;
  s = mlpi_trace_input(t, y->a.dtype, y->a.ndim, shape, &g->y);
  return s != MLP_OK ? s : mlpi_model_loss(m, g->y, g->p, &g->loss);
}

/* Predictions of a training step are computed only if a metric reads them:
** a loss that goes to the logits does not. */
static mlp_Status compile (mlp_Model *m, mlpi_Stage *g) {
  mlp_Tensor *out[] = { g->x, g->y, g->loss, g->p };
  bool reads_p = !g->training || m->n_metrics > 0;
  int n = g->loss == NULL ? 0 : reads_p ? 4 : 3;
  if (n == 0) out[1] = g->p, n = 2;
  mlp_Status s =
      mlpi_plan_compile(m->rt, g->training ? g->loss : NULL, n, out, &g->plan);
  if (s != MLP_OK) return s;
  g->x_at = mlpi_plan_array(g->plan, g->x);
  g->p_at = mlpi_plan_array(g->plan, g->p);
  if (g->loss == NULL) return MLP_OK;
  g->y_at = mlpi_plan_array(g->plan, g->y);
  g->loss_at = mlpi_plan_array(g->plan, g->loss);
  return MLP_OK;
}

static mlpi_Stage *find (mlp_Model *m, size_t rows, bool training,
                         const mlp_Tensor *y) {
  for (mlpi_Stage *g = m->stages; g != NULL; g = g->next)
    if (g->rows == rows && g->training == training &&
        g->with_loss == (y != NULL) &&
        (y == NULL ||
         (g->y->a.dtype == y->a.dtype && g->y->a.ndim == y->a.ndim &&
          memcmp(g->y->a.shape + 1, y->a.shape + 1,
                 (MLP_MAXDIM - 1) * sizeof(size_t)) == 0)))
      return g;
  return NULL;
}

mlp_Status mlpi_model_stage (mlp_Model *m, size_t rows, bool training,
                             const mlp_Tensor *y, mlpi_Stage **out) {
  mlpi_Trace *trace = NULL;
  *out = find(m, rows, training, y);
  if (*out != NULL) return MLP_OK;
  mlp_Status s = training ? mlpi_model_prepare(m) : MLP_OK;
  if (s != MLP_OK) return s;
  mlpi_Stage *g = mlpi_calloc(m->rt, 1, sizeof *g);
  if (g == NULL) return MLP_ENOMEM;
  g->rows = rows;
  g->training = training;
  g->with_loss = y != NULL;
  s = mlpi_trace_new(m->rt, &trace);
  if (s == MLP_OK) s = trace_model(m, trace, g, y);
  if (s == MLP_OK) s = compile(m, g);
  mlpi_trace_release(trace);
  if (s != MLP_OK) {
    free_stage(m->rt, g);
    return s;
  }
  g->number = ++m->n_staged;
  g->next = m->stages;
  m->stages = g;
  *out = g;
  return MLP_OK;
}
