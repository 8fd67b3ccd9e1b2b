/*
** node.c - the life of a remembered application, and walks over many.
** No recursion anywhere: a chain of a million nodes is fine.
*/
#include "graph/graph.h"

#include <stdlib.h>
#include <string.h>

static size_t node_bytes (int n_in) {
  return sizeof(mlpi_Node) +
         (size_t)n_in * (sizeof(mlp_Tensor *) + sizeof(unsigned));
}

mlp_Status mlpi_node_new (mlp_Runtime *rt, const mlpi_Call *call,
                          mlp_Tensor *const *in, mlpi_Node **out) {
  mlpi_Node *n = *out = mlpi_alloc(rt, node_bytes(call->n_in));
  if (n == NULL) return MLP_ENOMEM;
  *n = (mlpi_Node){ .rt = rt,
                    .refs = 1,
                    .number = ++rt->nodes,
                    .op = call->op,
                    .flags = call->op == NULL ? 0 : mlpi_op_flags(call),
                    .attrs = call->attrs,
                    .n_in = call->n_in,
                    .out = call->out };
  mlpi_object_retain((mlp_Object *)n->attrs.object);
  n->in = (mlp_Tensor **)(n + 1);
  n->version = (unsigned *)(n->in + n->n_in);
  for (int i = 0; i < n->n_in; i++) {
    n->in[i] = mlpi_tensor_retain(in[i]);
    n->version[i] = in[i]->storage == NULL ? 0 : in[i]->storage->version;
    n->wants_grad = n->wants_grad || mlpi_tracked(in[i]);
  }
  if (call->op != NULL && call->op->backward == NULL) n->wants_grad = false;
  return MLP_OK;
}

static void free_node (mlpi_Node *n) {
  for (int i = 0; i < n->n_in; i++) mlpi_tensor_release(n->in[i]);
  mlpi_tensor_release(n->g);
  mlpi_storage_release(n->saved);
  mlpi_object_release((mlp_Object *)n->attrs.object);
  mlpi_trace_release(n->trace);
  mlpi_free(n->rt, n, node_bytes(n->n_in));
}

/* Releasing the inputs of a node may release theirs: they queue up here. */
void mlpi_node_release (mlpi_Node *n) {
  if (n == NULL || --n->refs > 0) return;
  mlp_Runtime *rt = n->rt;
  n->next = rt->dying;
  rt->dying = n;
  if (rt->freeing) return;
  rt->freeing = true;
  while ((n = rt->dying) != NULL) {
    rt->dying = n->next;
    free_node(n);
  }
  rt->freeing = false;
}

typedef struct List {
  mlp_Runtime *rt;
  mlpi_Node **item;
  size_t n, room;
} List;

static mlp_Status push (List *l, mlpi_Node *node) {
  if (l->n == l->room) {
    size_t room = l->room == 0 ? 64 : 2 * l->room;
    void *p = mlpi_realloc(l->rt, l->item, l->room * sizeof *l->item,
                           room * sizeof *l->item);
    if (p == NULL) return MLP_ENOMEM;
    l->item = p;
    l->room = room;
  }
  node->refs++;
  node->queued = true;
  l->item[l->n++] = node;
  return MLP_OK;
}

static mlp_Status visit (List *l, mlp_Tensor *t,
                         bool (*keep)(const mlpi_Node *)) {
  mlpi_Node *n = t == NULL ? NULL : t->node;
  if (n == NULL || n->queued || (keep != NULL && !keep(n))) return MLP_OK;
  return push(l, n);
}

static int by_number (const void *a, const void *b) {
  uint64_t x = (*(mlpi_Node *const *)a)->number;
  uint64_t y = (*(mlpi_Node *const *)b)->number;
  return (x > y) - (x < y);
}

void mlpi_nodes_free (mlp_Runtime *rt, mlpi_Node **nodes, size_t count) {
  size_t room = 64;
  if (nodes == NULL) return;
  while (room < count) room *= 2;
  for (size_t i = 0; i < count; i++) mlpi_node_release(nodes[i]);
  mlpi_free(rt, nodes, room * sizeof *nodes);
}

mlp_Status mlpi_nodes_behind (mlp_Runtime *rt, int n_roots,
                              mlp_Tensor *const *roots,
                              bool (*keep)(const mlpi_Node *),
                              mlpi_Node ***nodes, size_t *count) {
  List l = { .rt = rt };
  mlp_Status s = MLP_OK;
  for (int i = 0; i < n_roots && s == MLP_OK; i++)
    s = visit(&l, roots[i], keep);
  for (size_t at = 0; at < l.n && s == MLP_OK; at++) { /* breadth first */
    mlpi_Node *n = l.item[at];
    for (int i = 0; i < n->n_in && s == MLP_OK; i++)
      s = visit(&l, n->in[i], keep);
  }
  for (size_t i = 0; i < l.n; i++) l.item[i]->queued = false;
  if (l.n > 0) qsort(l.item, l.n, sizeof *l.item, by_number);
  if (s != MLP_OK) {
    mlpi_nodes_free(rt, l.item, l.n);
    l = (List){ .rt = rt };
  }
  *nodes = l.item;
  *count = l.n;
  return s;
}
