/*
** plan.c - the compiled executor: a trace becomes a list of instructions over
** one arena. Running it makes no allocation and looks nothing up.
*/
#include "graph/plan.h"

#include <assert.h>
#include <string.h>

enum { ROOTS = 128 };

/* Bytes that an operator makes ready, with what aligns them. */
static size_t ready_bytes (const mlpi_Op *op) {
  return (op->ready_size + 63) / 64 * 64;
}

/* Index of a node of the plan, by its number; -1 where it is not in it. */
static long find (const mlpi_Plan *p, const mlpi_Node *n) {
  size_t lo = 0, hi = p->n_nodes;
  while (n != NULL && lo < hi) {
    size_t mid = lo + (hi - lo) / 2;
    if (p->node[mid]->number == n->number) return (long)mid;
    if (p->node[mid]->number < n->number)
      lo = mid + 1;
    else
      hi = mid;
  }
  return -1;
}

/* Also of a tensor that was computed from weights alone while tracing, which
** must follow them. */
long mlpi_plan_maker (const mlpi_Plan *p, const mlp_Tensor *t) {
  return t != NULL ? find(p, t->node) : -1;
}

static long bytes_buffer (mlpi_Plan *p, size_t bytes, size_t first,
                          size_t last) {
  p->buffer[p->n_buffers] =
      (mlpi_Buffer){ .bytes = bytes, .first = first, .last = last };
  return (long)p->n_buffers++;
}

static size_t models (const mlpi_Plan *p) {
  return p->abreast == NULL ? 1 : MLPI_ABREAST;
}

/* For the arrays of one model like 'a'. */
static long new_buffer (mlpi_Plan *p, const mlpi_Array *a, size_t first,
                        size_t last) {
  size_t bytes = mlpi_count(a) * mlpi_dtype_size(a->dtype);
  return bytes_buffer(p, models(p) * bytes, first, last);
}

static void extend (mlpi_Plan *p, long buffer, size_t time) {
  if (buffer != NONE && p->buffer[buffer].last < time)
    p->buffer[buffer].last = time;
}

static bool is_view (const mlpi_Node *n) {
  return (n->flags & MLPI_OP_VIEW) != 0;
}

/* The buffer that holds the value of input j of node i, or NONE. */
static long input_buffer (const mlpi_Plan *p, size_t i, int j) {
  long k = mlpi_plan_maker(p, p->node[i]->in[j]);
  return k < 0 ? NONE : p->value[k];
}

static void touch_inputs (mlpi_Plan *p, size_t i, size_t time) {
  for (int j = 0; j < p->node[i]->n_in; j++)
    extend(p, input_buffer(p, i, j), time);
}

static bool is_each (const mlpi_Plan *p, const mlpi_Call *c) {
  return p->abreast != NULL && mlpi_abreast_each(c);
}

/* A scratch buffer that lives for one instruction. */
static long scratch_buffer (mlpi_Plan *p, size_t i, size_t time) {
  const mlpi_Call *c = &p->call[i];
  size_t n = is_each(p, c)            ? mlpi_abreast_scratch(c)
             : c->op->scratch == NULL ? 0
                                      : c->op->scratch(c);
  return n == 0 ? NONE : bytes_buffer(p, n, time, time);
}

/* A buffer that forward leaves for backward; it lives until then. */
static long saved_buffer (mlpi_Plan *p, size_t i, size_t time) {
  const mlpi_Call *c = &p->call[i];
  const bool wanted = p->trains && p->node[i]->wants_grad;
  size_t n = !wanted || c->op->saved == NULL ? 0
             : is_each(p, c)                 ? mlpi_abreast_saved(c)
                                             : c->op->saved(c);
  return n == 0 ? NONE : bytes_buffer(p, n, time, time);
}

/* One node's value: its buffer, and its instruction where it computes. */
static void emit_forward (mlpi_Plan *p, size_t i) {
  mlpi_Node *n = p->node[i];
  size_t now = p->n_instr;
  if (is_view(n)) {
    p->value[i] = input_buffer(p, i, 0);
    return;
  }
  p->value[i] = new_buffer(p, &n->out, n->op == NULL ? 0 : now, now);
  if (n->op == NULL) {
    extend(p, p->value[i], SIZE_MAX);
    return;
  }
  touch_inputs(p, i, now);
  p->saved[i] = saved_buffer(p, i, now);
  p->draws |= (n->op->flags & MLPI_OP_RANDOM) != 0;
  p->instr[p->n_instr++] = (Instruction){
    .what = FORWARD,
    .call = &p->call[i],
    .scratch = scratch_buffer(p, i, now),
    .each = is_each(p, &p->call[i]),
  };
}

/* The array of a leaf, of its gradient or of a constant. */
static mlpi_Array leaf_array (const mlpi_Plan *p, const mlpi_Array *a) {
  return p->abreast == NULL ? *a : mlpi_abreast_leaf(p, a);
}

static Leaf *find_leaf (mlpi_Plan *p, mlp_Tensor *t) {
  for (size_t i = 0; i < p->n_leaves; i++)
    if (p->leaf[i].tensor == t) return &p->leaf[i];
  p->leaf[p->n_leaves] = (Leaf){ .tensor = mlpi_tensor_retain(t) };
  return &p->leaf[p->n_leaves++];
}

/* A row-major array in a buffer. Until memory is placed, its 'data' holds 1 +
** the number of the buffer. */
static mlpi_Array planned (const mlpi_Plan *p, const mlpi_Array *like,
                           long buffer) {
  mlpi_Array a = p->abreast == NULL ? *like : mlpi_abreast(like, false);
  mlpi_set_strides(&a);
  a.data = (void *)(uintptr_t)(buffer + 1);
  return a;
}

/* The array that holds dL/dt; *first: nothing was written there yet. */
static mlpi_Array grad_array (mlpi_Plan *p, mlp_Tensor *t, bool *first) {
  if (t->requires_grad) {
    Leaf *leaf = find_leaf(p, t);
    *first = !leaf->written;
    leaf->written = true;
    return leaf_array(p, &t->grad->a);
  }
  long k = find(p, t->node);
  *first = p->grad[k] == NONE;
  if (*first) p->grad[k] = new_buffer(p, &t->a, p->n_instr, p->n_instr);
  return planned(p, &t->a, p->grad[k]);
}

static void emit_add (mlpi_Plan *p, mlpi_Array *sum, mlp_Tensor *t,
                      const mlpi_Array *temporary) {
  size_t now = p->n_instr;
  p->instr[p->n_instr++] = (Instruction){
    .what = ADD, .gin = sum, .g = *temporary, .scratch = NONE
  };
  if (!t->requires_grad) extend(p, p->grad[find(p, t->node)], now);
  extend(p, (long)(uintptr_t)temporary->data - 1, now);
}

/*
** The contribution of node i to each input goes straight into its gradient if
** it is the first there, else through a temporary that an ADD follows.
*/
static void emit_backward (mlpi_Plan *p, size_t i, mlpi_Array *gin,
                           mlpi_Array *sums) {
  mlpi_Node *n = p->node[i];
  size_t now = p->n_instr;
  bool add[MLPI_INPUTS] = { false };
  for (int j = 0; j < n->n_in; j++) {
    bool first;
    gin[j] = (mlpi_Array){ .data = NULL };
    if (!mlpi_tracked(n->in[j])) continue;
    gin[j] = sums[j] = grad_array(p, n->in[j], &first);
    add[j] = !first;
    if (!first)
      gin[j] = planned(p, &n->in[j]->a, new_buffer(p, &n->in[j]->a, now, now));
  }
  extend(p, p->grad[i], now);
  extend(p, p->saved[i], now);
  if ((n->flags & MLPI_OP_NEEDS_IN) != 0) touch_inputs(p, i, now);
  if ((n->flags & MLPI_OP_NEEDS_OUT) != 0) extend(p, p->value[i], now);
  p->instr[now] = (Instruction){ .what = BACKWARD,
                                 .call = &p->call[i],
                                 .g = planned(p, &n->out, p->grad[i]),
                                 .gin = gin,
                                 .scratch = scratch_buffer(p, i, now),
                                 .each = is_each(p, &p->call[i]) };
  p->n_instr = now + 1;
  for (int j = 0; j < n->n_in; j++)
    if (add[j]) emit_add(p, &sums[j], n->in[j], &gin[j]);
}

/* Every leaf gets its gradient tensor before addresses are taken. */
static mlp_Status make_leaf_grads (mlpi_Plan *p) {
  for (size_t i = 0; i < p->n_nodes; i++)
    for (int j = 0; j < p->node[i]->n_in; j++) {
      mlp_Tensor *t = p->node[i]->in[j];
      if (!t->requires_grad || t->grad != NULL) continue;
      mlp_Status s =
          mlpi_tensor_new(p->rt, t->a.dtype, t->a.ndim, t->a.shape, &t->grad);
      if (s != MLP_OK) return s;
    }
  return MLP_OK;
}

static mlp_Status emit (mlpi_Plan *p, mlp_Tensor *loss, int n_out,
                        mlp_Tensor *const *outputs) {
  mlpi_Array *at = p->arrays + p->n_inputs;
  p->trains = mlpi_plan_maker(p, loss) >= 0;
  for (size_t i = 0; i < p->n_nodes; i++) emit_forward(p, i);
  p->n_forward = p->n_instr;
  for (int i = 0; i < n_out; i++) {
    long k = mlpi_plan_maker(p, outputs[i]);
    if (k >= 0) extend(p, p->value[k], SIZE_MAX);
  }
  long last = mlpi_plan_maker(p, loss);
  if (last < 0) return MLP_OK;
  extend(p, p->value[last], SIZE_MAX);
  if (!p->node[last]->wants_grad) return MLP_OK;
  mlp_Status s = make_leaf_grads(p);
  if (s != MLP_OK) return s;
  p->grad[last] = new_buffer(p, &loss->a, 0, SIZE_MAX); /* holds a one */
  for (long i = last; i >= 0; i--) {
    if (p->grad[i] == NONE || p->node[i]->op == NULL) continue;
    int n = p->node[i]->n_in;
    emit_backward(p, (size_t)i, at, at + n);
    at += 2 * n;
  }
  return MLP_OK;
}

void *mlpi_plan_at (const mlpi_Plan *p, long buffer) {
  return buffer == NONE ? NULL
                        : (char *)p->arena->data + p->buffer[buffer].offset;
}

/* A planned array gets its address; a leaf's gradient has it already. */
static void resolve (const mlpi_Plan *p, mlpi_Array *a) {
  uintptr_t id = (uintptr_t)a->data;
  if (id != 0 && id <= p->n_buffers) a->data = mlpi_plan_at(p, (long)id - 1);
}

/* Room for what operators make ready, a place for each call. */
static mlp_Status make_ready (mlpi_Plan *p) {
  for (size_t i = 0; i < p->n_nodes; i++)
    if (p->call[i].op != NULL) p->ready_bytes += ready_bytes(p->call[i].op);
  p->ready = mlpi_alloc(p->rt, p->ready_bytes);
  return p->ready == NULL ? MLP_ENOMEM : MLP_OK;
}

/* All arrays have their strides: what follows from them is found once. */
static void prepare_calls (mlpi_Plan *p) {
  char *at = p->ready;
  for (size_t i = 0; i < p->n_nodes; i++) {
    mlpi_Call *c = &p->call[i];
    if (c->op == NULL || c->op->prepare == NULL) continue;
    if (is_each(p, c))
      mlpi_abreast_prepare(c, at);
    else
      c->op->prepare(c, at);
    c->ready = at;
    at += ready_bytes(c->op);
  }
}

/* Give every call its inputs, in order, so that views follow. */
static mlp_Status bind_inputs (mlpi_Plan *p) {
  mlp_Status s = MLP_OK;
  for (size_t i = 0; i < p->n_nodes && s == MLP_OK; i++) {
    mlpi_Call *c = &p->call[i];
    for (int j = 0; j < c->n_in; j++) {
      long k = mlpi_plan_maker(p, p->node[i]->in[j]);
      c->in[j] = k < 0 ? leaf_array(p, &p->node[i]->in[j]->a) : p->call[k].out;
    }
    if (is_view(p->node[i]))
      s = p->abreast == NULL ? c->op->shape(c) : mlpi_abreast_view(c);
  }
  return s;
}

static mlp_Status bind_calls (mlpi_Plan *p) {
  for (size_t i = 0; i < p->n_nodes; i++) {
    mlpi_Call *c = &p->call[i];
    if (is_view(p->node[i])) continue;
    c->out.data = mlpi_plan_at(p, p->value[i]);
    c->saved = mlpi_plan_at(p, p->saved[i]);
  }
  return bind_inputs(p);
}

void mlpi_plan_lend (mlpi_Plan *p, const mlp_Tensor *input, void *data) {
  const long k = mlpi_plan_maker(p, input);
  assert(k >= 0 && p->node[k]->op == NULL);
  p->call[k].out.data = data != NULL ? data : mlpi_plan_at(p, p->value[k]);
  mlp_Status s = bind_inputs(p);
  assert(s == MLP_OK); /* as it was before */
  (void)s;
}

static void bind_instructions (mlpi_Plan *p) {
  for (size_t i = 0; i < p->n_instr; i++) {
    Instruction *k = &p->instr[i];
    k->room = mlpi_plan_at(p, k->scratch);
    resolve(p, &k->g);
    if (k->what == ADD) resolve(p, k->gin);
    for (int j = 0; k->what == BACKWARD && j < k->call->n_in; j++)
      resolve(p, &k->gin[j]);
  }
}

static mlp_Status place (mlpi_Plan *p, mlp_Tensor *loss) {
  size_t bytes;
  mlp_Status s = mlpi_arena_place(p->rt, p->n_buffers, p->buffer, &bytes);
  if (s == MLP_OK) s = mlpi_storage_new(p->rt, bytes, &p->arena);
  if (s == MLP_OK) s = bind_calls(p);
  if (s == MLP_OK) s = make_ready(p);
  if (s == MLP_OK) prepare_calls(p);
  if (s == MLP_OK && p->abreast != NULL) s = mlpi_abreast_streams(p);
  if (s != MLP_OK) return s;
  bind_instructions(p);
  const long last = mlpi_plan_maker(p, loss);
  if (last < 0 || p->grad[last] == NONE) return MLP_OK;
  p->slope = (mlpi_Array){ .data = mlpi_plan_at(p, p->grad[last]),
                           .dtype = loss->a.dtype,
                           .ndim = 1,
                           .shape = { models(p) },
                           .stride = { 1 } };
  for (size_t i = 0; i < models(p); i++) mlpi_set(&p->slope, i, 1);
  return MLP_OK;
}

void mlpi_plan_scale_loss (mlpi_Plan *p, size_t i, double scale) {
  if (p->slope.data != NULL) mlpi_set(&p->slope, i, scale);
}

/* Room for the most that 'emit' can make of these nodes. */
static mlp_Status make_room (mlpi_Plan *p) {
  for (size_t i = 0; i < p->n_nodes; i++)
    p->n_inputs += (size_t)p->node[i]->n_in;
  size_t n = p->n_nodes, m = p->n_inputs;
  p->call = mlpi_calloc(p->rt, n, sizeof *p->call);
  p->arrays = mlpi_calloc(p->rt, 3 * m, sizeof *p->arrays);
  p->instr = mlpi_calloc(p->rt, 2 * n + m, sizeof *p->instr);
  p->buffer = mlpi_calloc(p->rt, 5 * n + m + 1, sizeof *p->buffer);
  p->value = mlpi_calloc(p->rt, n, sizeof *p->value);
  p->grad = mlpi_calloc(p->rt, n, sizeof *p->grad);
  p->saved = mlpi_calloc(p->rt, n, sizeof *p->saved);
  p->leaf = mlpi_calloc(p->rt, m, sizeof *p->leaf);
  if (p->call == NULL || p->arrays == NULL || p->instr == NULL ||
      p->buffer == NULL || p->value == NULL || p->grad == NULL ||
      p->saved == NULL || p->leaf == NULL)
    return MLP_ENOMEM;
  mlpi_Array *in = p->arrays;
  for (size_t i = 0; i < n; i++) {
    const mlpi_Node *k = p->node[i];
    p->value[i] = p->grad[i] = p->saved[i] = NONE;
    p->call[i] = (mlpi_Call){ .rt = p->rt,
                              .op = k->op,
                              .attrs = k->attrs,
                              .n_in = k->n_in,
                              .in = in,
                              .out = k->out };
    for (int j = 0; j < k->n_in; j++) in[j] = k->in[j]->a;
    in += k->n_in;
    if (p->abreast != NULL) mlpi_abreast_call(p, i);
  }
  return MLP_OK;
}

static mlp_Status collect (mlpi_Plan *p, mlp_Tensor *loss, int n_out,
                           mlp_Tensor *const *outputs) {
  mlp_Tensor *roots[ROOTS + 1];
  int n = 0;
  assert(n_out <= ROOTS);
  for (int i = 0; i < n_out; i++) roots[n++] = outputs[i];
  roots[n++] = loss;
  return mlpi_nodes_behind(p->rt, n, roots, NULL, &p->node, &p->n_nodes);
}

mlp_Status mlpi_plan_compile (mlp_Runtime *rt, mlp_Tensor *loss, int n_out,
                              mlp_Tensor *const *outputs,
                              const mlpi_Abreast *abreast, mlpi_Plan **out) {
  *out = NULL;
  mlpi_Plan *p = mlpi_calloc(rt, 1, sizeof *p);
  if (p == NULL) return MLP_ENOMEM;
  p->rt = rt;
  p->abreast = abreast;
  mlp_Status s = collect(p, loss, n_out, outputs);
  if (s == MLP_OK) s = make_room(p);
  if (s == MLP_OK) s = emit(p, loss, n_out, outputs);
  if (s == MLP_OK) s = place(p, loss);
  if (s != MLP_OK) {
    mlpi_plan_release(p);
    return s;
  }
  *out = p;
  return MLP_OK;
}

void mlpi_plan_release (mlpi_Plan *p) {
  if (p == NULL) return;
  size_t n = p->n_nodes, m = p->n_inputs;
  mlpi_free(p->rt, p->stream, n * MLPI_ABREAST * sizeof *p->stream);
  for (size_t i = 0; i < p->n_leaves; i++)
    mlpi_tensor_release(p->leaf[i].tensor);
  mlpi_free(p->rt, p->ready, p->ready_bytes);
  mlpi_free(p->rt, p->leaf, m * sizeof *p->leaf);
  mlpi_free(p->rt, p->grad, n * sizeof *p->grad);
  mlpi_free(p->rt, p->saved, n * sizeof *p->saved);
  mlpi_free(p->rt, p->value, n * sizeof *p->value);
  mlpi_free(p->rt, p->buffer, (5 * n + m + 1) * sizeof *p->buffer);
  mlpi_free(p->rt, p->instr, (2 * n + m) * sizeof *p->instr);
  mlpi_free(p->rt, p->arrays, 3 * m * sizeof *p->arrays);
  mlpi_free(p->rt, p->call, n * sizeof *p->call);
  mlpi_nodes_free(p->rt, p->node, n);
  mlpi_storage_release(p->arena);
  mlpi_free(p->rt, p, sizeof *p);
}

mlpi_Array mlpi_plan_array (const mlpi_Plan *plan, const mlp_Tensor *symbol) {
  long k = mlpi_plan_maker(plan, symbol);
  return k < 0 ? symbol->a : plan->call[k].out;
}

size_t mlpi_plan_bytes (const mlpi_Plan *plan) { return plan->arena->bytes; }

static inline void run (const mlpi_Plan *p, const Instruction *k) {
  if (k->what == ADD) {
    mlpi_accumulate(p->rt, k->gin, &k->g);
    return;
  }
  if (k->each) {
    mlpi_abreast_run(p, k);
    return;
  }
  k->call->scratch = k->room;
  if (k->what == FORWARD)
    k->call->op->forward(k->call);
  else
    k->call->op->backward(k->call, &k->g, k->gin);
}

void mlpi_plan_profile (mlpi_Plan *plan, mlpi_Profile *profile) {
  plan->profile = profile;
}

static void run_timed (const mlpi_Plan *p, const Instruction *k) {
  const double start = mlpi_now();
  run(p, k);
  const double seconds = mlpi_now() - start;
  if (k->what == ADD) {
    const double n = (double)mlpi_count(k->gin);
    mlpi_profile_add(p->profile, "gradients of one tensor", "add", seconds, n,
                     3 * n * (double)mlpi_dtype_size(k->gin->dtype));
    return;
  }
  mlpi_profile_call(p->profile, k->call, k->what == FORWARD ? NULL : k->gin,
                    seconds);
}

/* Instructions from..to, until somebody cancels. */
static mlp_Status run_range (const mlpi_Plan *p, size_t from, size_t to) {
  p->rt->abortable = true;
  if (p->profile != NULL)
    for (size_t i = from; i < to && !mlpi_cancelled(p->rt); i++)
      run_timed(p, &p->instr[i]);
  else
    for (size_t i = from; i < to && !mlpi_cancelled(p->rt); i++)
      run(p, &p->instr[i]);
  p->rt->abortable = false;
  return mlpi_cancelled(p->rt) ? mlpi_check_cancel(p->rt) : MLP_OK;
}

mlp_Status mlpi_plan_forward (mlpi_Plan *p, uint64_t step) {
  for (size_t i = 0; p->draws && i < p->n_forward; i++)
    if ((p->instr[i].call->op->flags & MLPI_OP_RANDOM) != 0)
      p->instr[i].call->attrs.stream.step = step;
  return run_range(p, 0, p->n_forward);
}

mlp_Status mlpi_plan_forward_abreast (mlpi_Plan *p, const uint64_t *step) {
  for (size_t i = 0; p->draws && i < p->n_nodes * MLPI_ABREAST; i++)
    p->stream[i].step = step[i % MLPI_ABREAST];
  return run_range(p, 0, p->n_forward);
}

mlp_Status mlpi_plan_backward (mlpi_Plan *p) {
  mlp_Status s = run_range(p, p->n_forward, p->n_instr);
  for (size_t i = 0; p->abreast == NULL && i < p->n_leaves; i++)
    p->leaf[i].tensor->grad_set = s == MLP_OK;
  return s;
}
