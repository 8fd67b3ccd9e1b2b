/*
** abreast.c - a plan over several models that are alike. Small nets leave most
** of a vector empty, and spend their time on what goes on around the
** arithmetic; here every array is that of all models, interleaved, and every
** instruction is theirs. An operator that mixes the elements of a model has a
** form of its own for that (op.h), or sees one model after the other. Either
** way each number comes from the operations that it comes from in a plan of
** that model alone: the bits are the same.
*/
#include "graph/plan.h"

#include <assert.h>
#include <string.h>

enum { N = MLPI_ABREAST };

static size_t aligned (size_t bytes) { return (bytes + 63) / 64 * 64; }

static size_t bytes_of (const mlpi_Array *a) {
  return aligned(mlpi_count(a) * mlpi_dtype_size(a->dtype));
}

mlpi_Array mlpi_abreast_leaf (const mlpi_Plan *p, const mlpi_Array *a) {
  void *at = p->abreast->place(p->abreast->ud, a->data);
  mlpi_Array wide = mlpi_abreast(a, at == NULL);
  if (at != NULL) wide.data = at;
  return wide;
}

static bool is_shared (const mlpi_Array *a) {
  return a->stride[a->ndim - 1] == 0;
}

/* Has some array more axes than operators take? */
static bool is_deep (const mlpi_Call *c) {
  bool deep = c->out.ndim > MLP_MAXDIM;
  for (int j = 0; j < c->n_in; j++) deep = deep || c->in[j].ndim > MLP_MAXDIM;
  return deep;
}

/* An operator's own form, where no input is shared. */
static void choose_form (mlpi_Call *c) {
  bool shared = false;
  for (int j = 0; j < c->n_in; j++) shared = shared || is_shared(&c->in[j]);
  if (c->op->abreast != NULL && !shared && !is_deep(c)) c->op = c->op->abreast;
}

/* Of a number: no list says that there is no axis. */
static bool reduces_number (const mlpi_Call *c) {
  return (mlpi_op_flags(c) & MLPI_OP_REDUCES) != 0 && c->in[0].ndim == 1;
}

bool mlpi_abreast_each (const mlpi_Call *c) {
  const bool own = c->op->shape == NULL; /* a form for models abreast */
  return !own && ((mlpi_op_flags(c) & MLPI_OP_ABREAST) == 0 || is_deep(c) ||
                  reduces_number(c));
}

/* A reduction over all axes says which these are. */
static void list_axes (mlpi_Call *c) {
  if ((mlpi_op_flags(c) & MLPI_OP_REDUCES) == 0 || c->attrs.n_axis > 0) return;
  for (int d = 0; d < c->in[0].ndim - 1; d++) c->attrs.axis[d] = d;
  c->attrs.n_axis = c->in[0].ndim - 1;
}

void mlpi_abreast_call (const mlpi_Plan *p, size_t i) {
  mlpi_Call *c = &p->call[i];
  const mlpi_Node *node = p->node[i];
  for (int j = 0; j < c->n_in; j++)
    c->in[j] = mlpi_plan_maker(p, node->in[j]) < 0
                   ? mlpi_abreast_leaf(p, &node->in[j]->a)
                   : mlpi_abreast(&node->in[j]->a, false);
  c->out = mlpi_abreast(&c->out, false);
  if (c->op == NULL) return;
  choose_form(c);
  list_axes(c);
}

mlp_Status mlpi_abreast_streams (mlpi_Plan *p) {
  if (!p->draws) return MLP_OK;
  p->stream = mlpi_calloc(p->rt, p->n_nodes * N, sizeof *p->stream);
  return p->stream == NULL ? MLP_ENOMEM : MLP_OK;
}

void mlpi_plan_rekey (mlpi_Plan *p, size_t i,
                      void (*rekey)(void *ud, mlpi_Stream *s), void *ud) {
  for (size_t k = 0; p->draws && k < p->n_nodes; k++) {
    mlpi_Stream s = p->node[k]->attrs.stream;
    rekey(ud, &s);
    p->stream[k * N + i] = s;
  }
}

/*
** Views
*/

/* What the one model's array was. */
static mlpi_Array alone (const mlpi_Array *a) {
  mlpi_Array one = *a;
  one.ndim--;
  for (int d = 0; d < one.ndim && !is_shared(a); d++) one.stride[d] /= N;
  return one;
}

mlp_Status mlpi_abreast_view (mlpi_Call *c) {
  mlpi_Array in[MLPI_INPUTS];
  mlpi_Call one = *c;
  one.in = in;
  for (int j = 0; j < c->n_in; j++) in[j] = alone(&c->in[j]);
  mlp_Status s = c->op->shape(&one);
  if (s != MLP_OK) return s;
  const bool shared = is_shared(&c->in[0]);
  const ptrdiff_t by = (char *)one.out.data - (char *)in[0].data;
  c->out = mlpi_abreast(&one.out, shared);
  c->out.data = (char *)c->in[0].data + by * (shared ? 1 : N);
  return MLP_OK;
}

/*
** One model after the other: the operator sees its inputs as strided views, and
** what is row-major in copies, in the scratch.
*/

typedef struct One {
  mlpi_Call call;
  mlpi_Array in[MLPI_INPUTS];
} One;

/* Model i's part of the call, its result still among the others'. */
static void select_model (One *one, const mlpi_Call *c, size_t i) {
  one->call = *c;
  one->call.in = one->in;
  for (int j = 0; j < c->n_in; j++)
    one->in[j] = mlpi_abreast_part(&c->in[j], i);
  one->call.out = mlpi_abreast_part(&c->out, i);
}

/* The same with a result of its own at 'room'; returns what is behind it. */
static char *own (mlpi_Array *a, char *room) {
  mlpi_set_strides(a);
  a->data = room;
  return room + bytes_of(a);
}

static size_t saved_bytes (const mlpi_Call *one) {
  return one->op->saved == NULL ? 0 : aligned(one->op->saved(one));
}

/* Results, gradients: as many as the inputs, and two. */
size_t mlpi_abreast_scratch (const mlpi_Call *c) {
  One one;
  select_model(&one, c, 0);
  mlpi_set_strides(&one.call.out);
  size_t n = 2 * bytes_of(&one.call.out);
  for (int j = 0; j < c->n_in; j++) n += bytes_of(&one.in[j]);
  return n + (c->op->scratch == NULL ? 0 : c->op->scratch(&one.call));
}

size_t mlpi_abreast_saved (const mlpi_Call *c) {
  One one;
  select_model(&one, c, 0);
  mlpi_set_strides(&one.call.out);
  return N * saved_bytes(&one.call);
}

void mlpi_abreast_prepare (const mlpi_Call *c, void *ready) {
  One one;
  select_model(&one, c, 0);
  mlpi_set_strides(&one.call.out);
  c->op->prepare(&one.call, ready);
}

static void forward_one (One *one, char *room) {
  const mlpi_Array to = one->call.out;
  one->call.scratch = own(&one->call.out, room);
  one->call.op->forward(&one->call);
  mlpi_array_copy(&one->call.out, &to);
}

static void backward_one (One *one, const Instruction *k, size_t i,
                          char *room) {
  mlpi_Array gin[MLPI_INPUTS];
  const mlpi_Array out = one->call.out, gy = mlpi_abreast_part(&k->g, i);
  mlpi_Array g = gy;
  room = own(&one->call.out, room);
  mlpi_array_copy(&out, &one->call.out);
  room = own(&g, room);
  mlpi_array_copy(&gy, &g);
  for (int j = 0; j < one->call.n_in; j++) {
    gin[j] = (mlpi_Array){ .data = NULL };
    if (k->gin[j].data == NULL) continue;
    gin[j] = mlpi_abreast_part(&k->gin[j], i);
    room = own(&gin[j], room);
  }
  one->call.scratch = room;
  one->call.op->backward(&one->call, &g, gin);
  for (int j = 0; j < one->call.n_in; j++) {
    const mlpi_Array to = mlpi_abreast_part(&k->gin[j], i);
    if (gin[j].data != NULL) mlpi_array_copy(&gin[j], &to);
  }
}

void mlpi_abreast_run (const mlpi_Plan *p, const Instruction *k) {
  const size_t node = (size_t)(k->call - p->call);
  One one;
  for (size_t i = 0; i < N; i++) {
    select_model(&one, k->call, i);
    if (p->stream != NULL) one.call.attrs.stream = p->stream[node * N + i];
    if (k->call->saved != NULL)
      one.call.saved = (char *)k->call->saved + i * saved_bytes(&one.call);
    if (k->what == FORWARD)
      forward_one(&one, k->room);
    else
      backward_one(&one, k, i, k->room);
  }
}
