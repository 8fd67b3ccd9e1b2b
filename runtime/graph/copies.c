/*
** copies.c - a plan over several models that are alike. Small nets spend their
** time on what goes on around the arithmetic; here it is paid once an
** instruction, not once an instruction and model. Every operator sees the
** arrays of one model as it does in a plan of that model alone, so that the
** bits are the same; one that knows a shorter way for many (op.h: Many) takes
** it.
*/
#include "graph/plan.h"

#include <string.h>

/*
** The arrays of an instruction, in this order: inputs, result, what forward
** saved; backward: gradient of the result, those of the inputs. Of ADD: the
** sum, what is added.
*/
typedef struct Moved {
  void **at;  /* the pointer that follows the copy */
  char *base; /* what it is in the first copy */
} Moved;

typedef struct Moves {
  size_t *first; /* of each instruction, and the end */
  Moved *moved;
  ptrdiff_t *step; /* one each */
  size_t n, n_instr;
  bool *rows;     /* of each instruction: its calls are one, of more rows */
  size_t *random; /* of each instruction: 1 + its place in 'stream', or 0 */
  size_t n_random;
  mlpi_Stream *stream; /* of each random instruction and copy */
} Moves;

typedef struct Noting {
  mlpi_Plan *p;
  const mlpi_Copies *copies;
  Moves *m;
} Noting;

/* base NULL: what is at 'at' once all have their addresses. */
static void note (const Noting *k, void **at, char *base, ptrdiff_t step) {
  k->m->moved[k->m->n] = (Moved){ at, base };
  k->m->step[k->m->n++] = step;
}

static ptrdiff_t buffer_step (const Noting *k, long buffer) {
  return (ptrdiff_t)(k->p->buffer[buffer].bytes / k->p->n_copies);
}

/* Memory that is not in the arena: of a weight, of its gradient, a constant. */
static void note_outside (const Noting *k, void **at) {
  char *first = NULL;
  ptrdiff_t step = 0;
  if (*at != NULL && k->copies->place(k->copies->ud, *at, &first, &step))
    note(k, at, first, step);
  else
    note(k, at, NULL, 0);
}

static void note_value (const Noting *k, void **at, long node) {
  const long buffer = node < 0 ? NONE : k->p->value[node];
  if (buffer == NONE)
    note_outside(k, at);
  else
    note(k, at, NULL, buffer_step(k, buffer));
}

/* A gradient: a number of a buffer as yet, or the address of a leaf's. */
static void note_gradient (const Noting *k, mlpi_Array *g) {
  const uintptr_t id = (uintptr_t)g->data;
  if (id != 0 && id <= k->p->n_buffers)
    note(k, &g->data, NULL, buffer_step(k, (long)id - 1));
  else
    note_outside(k, &g->data);
}

static void note_call (const Noting *k, Instruction *i) {
  const size_t node = (size_t)(i->call - k->p->call);
  for (int j = 0; j < i->call->n_in; j++)
    note_value(k, &i->call->in[j].data,
               mlpi_plan_maker(k->p, k->p->node[node]->in[j]));
  note_value(k, &i->call->out.data, (long)node);
  const long saved = k->p->saved[node];
  note(k, &i->call->saved, NULL, saved == NONE ? 0 : buffer_step(k, saved));
}

static void note_instruction (const Noting *k, Instruction *i) {
  if (i->what == ADD) {
    note_gradient(k, i->gin);
    note_gradient(k, &i->g);
    return;
  }
  note_call(k, i);
  if (i->what == FORWARD) return;
  note_gradient(k, &i->g);
  for (int j = 0; j < i->call->n_in; j++) note_gradient(k, &i->gin[j]);
}

bool mlpi_copies_at_once (const mlpi_Call *c) {
  const unsigned flags = mlpi_op_flags(c);
  return c->op->forward_many != NULL || c->op->backward_many != NULL ||
         ((flags & MLPI_OP_ROWS) != 0 && (flags & MLPI_OP_RANDOM) == 0);
}

/* Rows of the arrays of all models, one model after the other? */
static bool are_rows (const mlpi_Array *a, size_t rows, ptrdiff_t step) {
  return a->ndim >= 1 && a->shape[0] == rows && mlpi_contiguous(a) &&
         step == (ptrdiff_t)(mlpi_count(a) * mlpi_dtype_size(a->dtype)) &&
         step > 0;
}

/* Can the calls be one? */
static bool can_join (const Instruction *i, const ptrdiff_t *step) {
  const mlpi_Call *c = i->call;
  if (i->what == ADD || !mlpi_copies_at_once(c) || c->in[0].ndim < 2)
    return false;
  if ((mlpi_op_flags(c) & MLPI_OP_ROWS) == 0) return false;
  const size_t rows = c->in[0].shape[0];
  const ptrdiff_t *after = step + c->n_in;
  bool join = are_rows(&c->out, rows, *after);
  for (int j = 0; join && j < c->n_in; j++)
    join = are_rows(&c->in[j], rows, step[j]);
  if (!join || i->what == FORWARD) return join;
  join = are_rows(&i->g, rows, after[2]);
  for (int j = 0; join && j < c->n_in; j++)
    join = i->gin[j].data == NULL || are_rows(&i->gin[j], rows, after[3 + j]);
  return join;
}

static size_t arrays_of (const Instruction *i) {
  if (i->what == ADD) return 2;
  const size_t n = (size_t)i->call->n_in;
  return i->what == FORWARD ? n + 2 : 2 * n + 3;
}

static bool is_random (const Instruction *i) {
  return i->what != ADD && (i->call->op->flags & MLPI_OP_RANDOM) != 0;
}

static mlp_Status make_room (mlpi_Plan *p, Moves *m) {
  size_t n = 0;
  m->n_instr = p->n_instr;
  for (size_t i = 0; i < p->n_instr; i++) {
    n += arrays_of(&p->instr[i]);
    m->n_random += is_random(&p->instr[i]);
  }
  m->first = mlpi_calloc(p->rt, p->n_instr + 1, sizeof *m->first);
  m->rows = mlpi_calloc(p->rt, p->n_instr, sizeof *m->rows);
  m->random = mlpi_calloc(p->rt, p->n_instr, sizeof *m->random);
  m->stream = mlpi_calloc(p->rt, m->n_random * p->n_copies, sizeof *m->stream);
  m->moved = mlpi_calloc(p->rt, n, sizeof *m->moved);
  m->step = mlpi_calloc(p->rt, n, sizeof *m->step);
  m->n = n;
  if (m->first == NULL || m->rows == NULL || m->random == NULL ||
      m->stream == NULL || m->moved == NULL || m->step == NULL)
    return MLP_ENOMEM;
  m->n = 0;
  return MLP_OK;
}

/* Backward draws what forward drew: both have that copy's stream. */
static void note_streams (const mlpi_Plan *p, Moves *m) {
  size_t n = 0;
  for (size_t i = 0; i < p->n_instr; i++) {
    if (!is_random(&p->instr[i])) continue;
    for (size_t c = 0; c < p->n_copies; c++)
      m->stream[n * p->n_copies + c] = p->instr[i].call->attrs.stream;
    m->random[i] = ++n;
  }
}

mlp_Status mlpi_copies_note (mlpi_Plan *p, const mlpi_Copies *copies) {
  Moves *m = p->moves = mlpi_calloc(p->rt, 1, sizeof *m);
  if (m == NULL) return MLP_ENOMEM;
  mlp_Status s = make_room(p, m);
  if (s != MLP_OK) return s;
  const Noting k = { p, copies, m };
  for (size_t i = 0; i < p->n_instr; i++) {
    m->first[i] = m->n;
    note_instruction(&k, &p->instr[i]);
    m->rows[i] = can_join(&p->instr[i], m->step + m->first[i]);
  }
  m->first[p->n_instr] = m->n;
  note_streams(p, m);
  return MLP_OK;
}

void mlpi_copies_begin (mlpi_Plan *p) {
  for (Moved *v = p->moves->moved; v < p->moves->moved + p->moves->n; v++)
    if (v->base == NULL) v->base = *v->at;
}

void mlpi_copies_free (mlpi_Plan *p) {
  Moves *m = p->moves;
  if (m == NULL) return;
  mlpi_free(p->rt, m->first, (m->n_instr + 1) * sizeof *m->first);
  mlpi_free(p->rt, m->rows, m->n_instr * sizeof *m->rows);
  mlpi_free(p->rt, m->random, m->n_instr * sizeof *m->random);
  mlpi_free(p->rt, m->stream, m->n_random * p->n_copies * sizeof *m->stream);
  mlpi_free(p->rt, m->moved, m->n * sizeof *m->moved);
  mlpi_free(p->rt, m->step, m->n * sizeof *m->step);
  mlpi_free(p->rt, m, sizeof *m);
}

ptrdiff_t mlpi_plan_step (const mlpi_Plan *p, const mlp_Tensor *symbol) {
  const long k = mlpi_plan_maker(p, symbol);
  if (k < 0 || p->value[k] == NONE) return 0;
  return (ptrdiff_t)(p->buffer[p->value[k]].bytes / p->n_copies);
}

void mlpi_plan_rekey (mlpi_Plan *p, size_t copy,
                      void (*rekey)(void *ud, mlpi_Stream *s), void *ud) {
  for (size_t i = 0; i < p->n_instr; i++) {
    if (p->moves->random[i] == 0) continue;
    const size_t at = (p->moves->random[i] - 1) * p->n_copies + copy;
    mlpi_Stream s = p->node[p->instr[i].call - p->call]->attrs.stream;
    rekey(ud, &s);
    p->moves->stream[at] = s;
  }
}

/*
** Running
*/

static void set_steps (mlpi_Plan *p, size_t first, size_t n,
                       const uint64_t *step) {
  for (size_t r = 0; r < p->moves->n_random; r++)
    for (size_t c = first; c < first + n; c++)
      p->moves->stream[r * p->n_copies + c].step = step[c];
}

/* Instruction i on the arrays of one copy. */
static void select_copy (const mlpi_Plan *p, size_t i, size_t copy) {
  const Moves *m = p->moves;
  for (size_t j = m->first[i]; j < m->first[i + 1]; j++)
    *m->moved[j].at = m->moved[j].base + (ptrdiff_t)copy * m->step[j];
  if (m->random[i] != 0)
    p->instr[i].call->attrs.stream =
        m->stream[(m->random[i] - 1) * p->n_copies + copy];
}

static void multiply (Instruction *k, size_t rows) {
  mlpi_Call *c = k->call;
  c->out.shape[0] = rows;
  for (int j = 0; j < c->n_in; j++) c->in[j].shape[0] = rows;
  if (k->what == FORWARD) return;
  k->g.shape[0] = rows;
  for (int j = 0; j < c->n_in; j++) k->gin[j].shape[0] = rows;
}

/* As one call, of n times the rows, for which nothing was made ready. */
static void run_rows (const mlpi_Plan *p, Instruction *k, size_t n) {
  const size_t rows = k->call->out.shape[0];
  const void *ready = k->call->ready;
  k->call->ready = NULL;
  multiply(k, n * rows);
  mlpi_plan_run(p, k);
  multiply(k, rows);
  k->call->ready = ready;
}

/* By the operator's own way for many; false: it has none. */
static bool run_many (const mlpi_Plan *p, size_t i, size_t n) {
  Instruction *k = &p->instr[i];
  if (k->what == ADD) return false;
  mlpi_Call *c = k->call;
  const ptrdiff_t *step = p->moves->step + p->moves->first[i];
  mlpi_Apart many = { .n = n, .in = step };
  many.out = step[c->n_in];
  many.saved = step[c->n_in + 1];
  const bool known = k->what == FORWARD ? c->op->forward_many != NULL
                                        : c->op->backward_many != NULL;
  if (!known) return false;
  c->scratch = k->room;
  if (k->what == FORWARD) {
    c->op->forward_many(c, &many);
    return true;
  }
  many.g = step[c->n_in + 2];
  many.gin = step + c->n_in + 3;
  c->op->backward_many(c, &many, &k->g, k->gin);
  return true;
}

static void run_copies (const mlpi_Plan *p, size_t i, size_t first, size_t n) {
  select_copy(p, i, first);
  if (p->moves->rows[i]) {
    run_rows(p, &p->instr[i], n);
    return;
  }
  if (run_many(p, i, n)) return;
  for (size_t c = first; c < first + n; c++) {
    select_copy(p, i, c);
    mlpi_plan_run(p, &p->instr[i]);
  }
}

static mlp_Status run_range (const mlpi_Plan *p, size_t from, size_t to,
                             size_t first, size_t n) {
  p->rt->abortable = true;
  for (size_t i = from; i < to && !mlpi_cancelled(p->rt); i++)
    run_copies(p, i, first, n);
  p->rt->abortable = false;
  return mlpi_cancelled(p->rt) ? mlpi_check_cancel(p->rt) : MLP_OK;
}

mlp_Status mlpi_plan_forward_copies (mlpi_Plan *p, size_t first, size_t n,
                                     const uint64_t *step) {
  set_steps(p, first, n, step);
  return run_range(p, 0, p->n_forward, first, n);
}

mlp_Status mlpi_plan_backward_copies (mlpi_Plan *p, size_t first, size_t n) {
  return run_range(p, p->n_forward, p->n_instr, first, n);
}
