/*
** backward.c - reverse-mode differentiation of the tape.
** Nodes are taken in descending order of creation, so that the contributions
** of several consumers of one tensor are added in a fixed order: the last
** consumer's first.
*/
#include "graph/graph.h"

#include <string.h>

/* Hand a contribution to the tensor that it belongs to; takes 'g'. */
static mlp_Status deliver (mlp_Tensor *t, mlp_Tensor *g) {
  mlp_Tensor **sum = t->requires_grad ? &t->grad : &t->node->g;
  bool first = t->requires_grad ? !t->grad_set : *sum == NULL;
  if (t->requires_grad) t->grad_set = true;
  if (*sum == NULL) {
    *sum = g;
    return MLP_OK;
  }
  if (first)
    mlpi_array_copy(&g->a, &(*sum)->a);
  else
    mlpi_accumulate(t->rt, &(*sum)->a, &g->a);
  mlpi_tensor_release(g);
  return MLP_OK;
}

static mlp_Status check_node (const mlpi_Node *n) {
  if (n->used)
    return mlpi_error(n->rt, MLP_ESTATE,
                      "backward: expected a fresh result, got one whose tape "
                      "was freed by an earlier backward; compute it again");
  if ((n->flags & MLPI_OP_NEEDS_OUT) != 0 &&
      n->saved->version != n->saved_version)
    return mlpi_error(n->rt, MLP_ESTATE,
                      "backward: the result of '%s' was modified in place "
                      "(version %u, expected %u)",
                      n->op->name, n->saved->version, n->saved_version);
  if ((n->flags & MLPI_OP_NEEDS_IN) == 0) return MLP_OK;
  for (int i = 0; i < n->n_in; i++)
    if (n->in[i]->storage->version != n->version[i])
      return mlpi_error(n->rt, MLP_ESTATE,
                        "backward: an input of '%s' was modified in place "
                        "after being used (version %u, expected %u)",
                        n->op->name, n->in[i]->storage->version, n->version[i]);
  return MLP_OK;
}

/* Gradients of one node's inputs: the tensors made, NULL where unwanted. */
static mlp_Status input_grads (mlpi_Node *n, mlp_Tensor **made) {
  mlpi_Array in[MLPI_INPUTS], gin[MLPI_INPUTS];
  mlp_Status s = MLP_OK;
  mlpi_Storage *scratch = NULL;
  for (int i = 0; i < n->n_in && s == MLP_OK; i++) {
    in[i] = n->in[i]->a;
    gin[i] = (mlpi_Array){ .data = NULL };
    if (!mlpi_tracked(n->in[i])) continue;
    s = mlpi_tensor_new(n->rt, in[i].dtype, in[i].ndim, in[i].shape, &made[i]);
    if (s == MLP_OK) gin[i] = made[i]->a;
  }
  mlpi_Call c = { .rt = n->rt,
                  .op = n->op,
                  .attrs = n->attrs,
                  .n_in = n->n_in,
                  .in = in,
                  .out = n->out };
  size_t bytes = s != MLP_OK || c.op->scratch == NULL ? 0 : c.op->scratch(&c);
  if (bytes > 0) s = mlpi_storage_new(n->rt, bytes, &scratch);
  if (s != MLP_OK) return s;
  if (scratch != NULL) c.scratch = scratch->data;
  n->op->backward(&c, &n->g->a, gin);
  mlpi_storage_release(scratch);
  return MLP_OK;
}

static mlp_Status step (mlpi_Node *n) {
  mlp_Tensor *made[MLPI_INPUTS] = { NULL };
  if (n->g == NULL) return MLP_OK; /* of a result that was made a leaf */
  mlp_Status s = check_node(n);
  if (s != MLP_OK) return s;
  s = input_grads(n, made);
  for (int i = 0; i < n->n_in; i++) {
    if (made[i] == NULL) continue;
    if (s == MLP_OK)
      s = deliver(n->in[i], made[i]);
    else
      mlpi_tensor_release(made[i]);
  }
  return s;
}

/* The tape behind a used node is not needed any more. */
static void forget (mlpi_Node *n) {
  n->used = true;
  mlpi_tensor_release(n->g);
  n->g = NULL;
  for (int i = 0; i < n->n_in; i++) {
    mlpi_tensor_release(n->in[i]);
    n->in[i] = NULL;
  }
}

static bool leads_to_leaf (const mlpi_Node *n) { return n->wants_grad; }

static mlp_Status check_root (mlp_Tensor *t) {
  char shape[MLPI_SHAPE_TEXT];
  if (t->symbol)
    return mlpi_error(t->rt, MLP_ESTATE,
                      "backward: expected a tensor, got a symbol; in a traced "
                      "loss or layer the plan goes backward by itself");
  if (mlpi_count(&t->a) != 1)
    return mlpi_error(t->rt, MLP_ESHAPE,
                      "backward: expected a tensor of one element, got shape "
                      "%s; reduce it first, by :sum() or :mean()",
                      mlpi_shape_text(t->a.ndim, t->a.shape, shape));
  if (!mlpi_tracked(t))
    return mlpi_error(t->rt, MLP_ESTATE,
                      "backward: expected a result of tensors that require a "
                      "gradient, got one with no tape behind it (made under "
                      "no_grad, or from constants)");
  return MLP_OK;
}

mlp_Status mlpi_backward (mlp_Tensor *t) {
  mlpi_Node **nodes;
  mlp_Tensor *one;
  size_t n;
  mlp_Status s = check_root(t);
  if (s == MLP_OK)
    s = mlpi_tensor_new(t->rt, t->a.dtype, t->a.ndim, t->a.shape, &one);
  if (s != MLP_OK) return s;
  mlpi_set(&one->a, 0, 1);
  if (t->node == NULL) return deliver(t, one);
  s = mlpi_nodes_behind(t->rt, 1, &t, leads_to_leaf, &nodes, &n);
  if (s != MLP_OK) {
    mlpi_tensor_release(one);
    return s;
  }
  t->node->g = one;
  for (size_t i = n; i-- > 0 && s == MLP_OK;) {
    s = step(nodes[i]);
    if (s == MLP_OK) forget(nodes[i]);
  }
  for (size_t i = 0; i < n; i++) { /* after a failure some are left over */
    mlpi_tensor_release(nodes[i]->g);
    nodes[i]->g = NULL;
  }
  mlpi_nodes_free(t->rt, nodes, n);
  return s;
}
