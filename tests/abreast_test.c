/*
** abreast_test.c - what holds for every operator and activation function in a
** plan of several models abreast: values and gradients of each model are those
** of a plan of its own, bit for bit, whatever of the operator's arguments is a
** weight, an input or shared, and however it lies in memory. The expected bits
** are those of the plans of one model, which op_test.c and others check.
** abreast_test [ISA NAME...]: a few draws, on that instruction set alone, of
** these operators and activations: for processors that are emulated.
*/
#include "graph/graph.h"
#include "op_samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N = MLPI_ABREAST, DRAWS = 24, ISAS = 3, SIDES = MLPI_SAMPLED + 1 };

static int failures, checks;

static void check (bool ok, const Subject *u, int number, const char *what) {
  checks++;
  failures += !ok;
  if (!ok && failures < 40)
    printf("FAIL %s, draw %d: %s\n", label(u), number, what);
}

/* One argument of the operator. The last side is what its result is multiplied
** by, so that backward begins with random numbers. */
typedef struct Side {
  enum { WEIGHT, INPUT, SHARED } role;
  bool turned, made;  /* axes the other way round; another operator's result */
  mlp_Tensor *tensor; /* WEIGHT, SHARED; lent to graphs */
  mlpi_Array value;   /* of all models, one after the other: (N, ...) */
  void *wide, *wide_grad;
} Side;

typedef struct Case {
  mlp_Runtime *rt;
  const Subject *u;
  int number;
  mlp_Dtype real;
  mlpi_OpSample s;
  bool same; /* both arguments are the first side */
  Side side[SIDES];
} Case;

/* A trace of the case, and its plan. */
typedef struct Graph {
  mlpi_Trace *trace;
  mlp_Tensor *symbol[SIDES], *out, *loss;
  mlpi_Plan *plan;
} Graph;

static size_t bytes_of (const mlpi_Array *a) {
  return mlpi_count(a) * mlpi_dtype_size(a->dtype);
}

static void *memory (size_t bytes) {
  void *p = aligned_alloc(64, (bytes + 127) / 64 * 64);
  memset(p, 0xff, (bytes + 127) / 64 * 64); /* NaN: what is not written shows */
  return p;
}

/* Model m's value of a side. */
static mlpi_Array value_of (const Side *d, int m) {
  mlpi_Array a = d->value;
  a.ndim--;
  memmove(a.shape, a.shape + 1, (size_t)a.ndim * sizeof *a.shape);
  mlpi_set_strides(&a);
  a.data = (char *)d->value.data + (size_t)m * bytes_of(&a);
  return a;
}

/*
** Cases
*/

static int die (mlpi_OpSample *s, size_t sides) {
  return (int)mlpi_sample_size(s, 0, sides - 1);
}

static void draw_role (Case *c, int i) {
  Side *d = &c->side[i];
  const bool trained = mlpi_is_real(c->s.in[i].dtype) &&
                       (c->u->check_in == 0 || i < c->u->check_in);
  const int roll = die(&c->s, 5);
  d->role = trained && roll < 3 ? WEIGHT : i > 0 && roll == 4 ? SHARED : INPUT;
  if (mlpi_op(c->rt, c->real, c->u->op)->backward == NULL && i == 0)
    d->role = INPUT; /* a constant is not computed again */
  d->turned = die(&c->s, 4) == 0;
  d->made = trained && d->role != SHARED && die(&c->s, 4) == 0;
}

static void draw_values (Case *c, Side *d, const mlpi_Array *like, double lo,
                         double hi, bool dominant) {
  d->value = *like;
  if (mlpi_is_real(like->dtype)) d->value.dtype = c->real;
  memmove(d->value.shape + 1, like->shape,
          (size_t)like->ndim * sizeof *like->shape);
  d->value.shape[0] = N;
  d->value.ndim++;
  mlpi_set_strides(&d->value);
  d->value.data = memory(bytes_of(&d->value));
  for (int m = 0; m < N; m++) {
    const mlpi_Array first = value_of(d, 0), a = value_of(d, m);
    if (d->role == SHARED && m > 0)
      mlpi_array_copy(&first, &a);
    else
      draw_into(&c->s, &a, lo, hi);
    if (dominant) make_dominant(&a);
  }
}

/* How a side is stored: turned, its axes the other way round. */
static mlpi_Array stored (const Side *d) {
  mlpi_Array a = value_of(d, 0), b = a;
  for (int k = 0; d->turned && k < a.ndim; k++)
    b.shape[k] = a.shape[a.ndim - 1 - k];
  mlpi_set_strides(&b);
  return b;
}

/* Model m's value of a side, into memory that is laid out as it is stored. */
static void put_value (const Side *d, int m, void *to) {
  mlpi_Array a = value_of(d, m), b = stored(d);
  b.data = to;
  for (int k = 0; d->turned && k < a.ndim; k++) {
    b.shape[k] = a.shape[k];
    b.stride[k] = 1;
    for (int j = 0; j < k; j++) b.stride[k] *= (ptrdiff_t)a.shape[j];
  }
  mlpi_array_copy(&a, &b);
}

/* The tensor of a weight or a constant, with the first model's values, and the
** memory of all models. */
static void make_tensor (Case *c, Side *d) {
  const mlpi_Array a = stored(d);
  const size_t size = mlpi_dtype_size(a.dtype), n = mlpi_count(&a);
  void *one = memory(n * size);
  mlpi_tensor_new(c->rt, a.dtype, a.ndim, a.shape, &d->tensor);
  put_value(d, 0, d->tensor->a.data);
  d->tensor->requires_grad = d->role == WEIGHT;
  d->wide = memory(N * n * size);
  d->wide_grad = memory(N * n * size);
  for (size_t m = 0; m < N; m++) {
    put_value(d, (int)m, one);
    mlpi_interleave_one(size, n, one, m, d->wide);
  }
  free(one);
}

/* Dense gets shapes of more tiles than one, and sums of more than one chain. */
static void enlarge (Case *c) {
  mlpi_OpSample *s = &c->s;
  if (strcmp(c->u->op, "dense") != 0 || c->number % 4 != 3) return;
  const size_t k = mlpi_sample_size(s, 1, 600), n = mlpi_sample_size(s, 1, 40);
  s->in[0].shape[0] = mlpi_sample_size(s, 1, 40);
  s->in[0].shape[1] = s->in[1].shape[0] = k;
  s->in[1].shape[1] = s->in[2].shape[0] = n;
}

static void case_new (Case *c, mlp_Runtime *rt, const Subject *u,
                      mlp_Dtype real, int number) {
  *c = (Case){ .rt = rt, .u = u, .number = number, .real = real };
  make_sample(rt, &c->s, u, number);
  enlarge(c);
  if (mlpi_is_real(c->s.attrs.dtype)) c->s.attrs.dtype = real;
  c->same = c->s.n_in == 2 && c->s.in[0].dtype == c->s.in[1].dtype &&
            mlpi_same_shape(&c->s.in[0], &c->s.in[1]) && die(&c->s, 4) == 0;
  for (int i = 0; i < c->s.n_in; i++) {
    draw_role(c, i);
    if (c->same && i > 0) c->side[i].role = SHARED; /* and not in use */
    draw_values(c, &c->side[i], &c->s.in[i], u->min, u->max,
                i == 0 && c->s.dominant);
    if (c->side[i].role != INPUT) make_tensor(c, &c->side[i]);
  }
}

static void case_free (Case *c) {
  for (int i = 0; i < SIDES; i++) {
    mlpi_tensor_release(c->side[i].tensor);
    free(c->side[i].value.data);
    free(c->side[i].wide);
    free(c->side[i].wide_grad);
  }
}

/*
** Graphs
*/

static mlpi_Stream stream_of (int m) {
  return mlpi_stream(5, (uint32_t)m, 1, MLPI_FOR_DROPOUT, 0);
}

/* 'what' takes the place of its argument. */
static void apply1 (const char *what, const mlpi_Attrs *attrs, mlp_Tensor **t) {
  mlp_Tensor *x = *t;
  if (mlpi_apply1(what, attrs, x, t) != MLP_OK) abort();
  mlpi_tensor_release(x);
}

/* The operator's argument: the side's tensor, or a symbol, and what is done to
** it before. */
static mlp_Tensor *argument (const Case *c, Graph *g, int i) {
  const Side *d = &c->side[i];
  const mlpi_Array a = stored(d);
  mlpi_Attrs turn = { .n_axis = a.ndim };
  if (d->role == INPUT)
    mlpi_trace_input(g->trace, a.dtype, a.ndim, a.shape, &g->symbol[i]);
  else
    g->symbol[i] = mlpi_tensor_retain(d->tensor);
  mlp_Tensor *t = mlpi_tensor_retain(g->symbol[i]);
  for (int k = 0; k < a.ndim; k++) turn.axis[k] = a.ndim - 1 - k;
  if (d->turned) apply1("permute", &turn, &t);
  if (d->made) apply1("neg", NULL, &t);
  if (d->made) apply1("neg", NULL, &t);
  return t;
}

/* What the operator applies, if anything: Dense may have an activation. */
static const char *activation_of (const Case *c) {
  const bool fused = strcmp(c->u->op, "dense") == 0 && c->number % 3 > 0;
  return fused ? c->number % 3 == 1 ? "tanh" : "relu" : c->u->activation;
}

/* Apply the case's operator, with the random numbers of model m. */
static mlp_Status apply (const Case *c, Graph *g, int m) {
  mlp_Tensor *in[MLPI_SAMPLED];
  mlpi_Attrs attrs = c->s.attrs;
  mlp_Object *f = NULL;
  attrs.stream = stream_of(m);
  if (activation_of(c) != NULL)
    mlpi_object_new(c->rt, "activation", activation_of(c), &f);
  attrs.object = f;
  for (int i = 0; i < c->s.n_in; i++) in[i] = argument(c, g, i);
  mlp_Tensor *second = in[1];
  if (c->same) in[1] = in[0];
  mlp_Status s = mlpi_apply(c->rt, c->u->op, &attrs, c->s.n_in, in, &g->out);
  if (c->same) in[1] = second;
  for (int i = 0; i < c->s.n_in; i++) mlpi_tensor_release(in[i]);
  mlpi_object_release(f);
  return s;
}

/* The sum of the result times the last side, where it has a gradient. */
static void make_loss (Case *c, Graph *g) {
  Side *d = &c->side[SIDES - 1];
  const mlpi_Array *a = &g->out->a;
  if (mlpi_op(c->rt, c->real, c->u->op)->backward == NULL) return;
  d->role = INPUT;
  if (d->value.data == NULL) draw_values(c, d, a, -1, 1, false);
  mlpi_trace_input(g->trace, a->dtype, a->ndim, a->shape,
                   &g->symbol[SIDES - 1]);
  mlpi_apply2("mul", NULL, g->out, g->symbol[SIDES - 1], &g->loss);
  apply1("sum", NULL, &g->loss);
}

/* abreast: NULL for model m's own plan. */
static mlp_Status graph_new (Graph *g, Case *c, int m,
                             const mlpi_Abreast *abreast) {
  *g = (Graph){ NULL };
  mlpi_trace_new(c->rt, &g->trace);
  mlp_Status s = apply(c, g, m);
  if (s != MLP_OK) return s;
  make_loss(c, g);
  return mlpi_plan_compile(c->rt, g->loss, 1, &g->out, abreast, &g->plan);
}

static void graph_free (Graph *g) {
  mlpi_plan_release(g->plan);
  mlpi_tensor_release(g->loss);
  mlpi_tensor_release(g->out);
  for (int i = 0; i < SIDES; i++) mlpi_tensor_release(g->symbol[i]);
  mlpi_trace_release(g->trace);
}

/*
** Runs
*/

static uint64_t step_of (int m) { return (uint64_t)(3 + m * m); }
static double scale_of (int m) { return 1 + 0.25 * m; }

/* Fill model m's places of a plan of its own; its inputs alone where it is one
** of several. */
static void fill (const Case *c, const Graph *g, int m, bool alone) {
  for (int i = 0; i < SIDES; i++) {
    const Side *d = &c->side[i];
    if (g->symbol[i] == NULL) continue;
    if (alone && d->role != INPUT) put_value(d, m, d->tensor->a.data);
    if (d->role != INPUT) continue;
    mlpi_Array all = mlpi_plan_array(g->plan, g->symbol[i]);
    const mlpi_Array to = alone ? all : mlpi_abreast_part(&all, (size_t)m);
    mlpi_Array from = stored(d);
    from.data = memory(bytes_of(&from));
    put_value(d, m, from.data);
    mlpi_array_copy(&from, &to);
    free(from.data);
  }
}

static bool same_bits (const mlpi_Array *a, const mlpi_Array *b) {
  if (!mlpi_same_shape(a, b) || a->dtype != b->dtype) return false;
  for (size_t k = 0; k < mlpi_count(a); k++) {
    const double x = mlpi_get(a, k), y = mlpi_get(b, k);
    if (memcmp(&x, &y, sizeof x) != 0) return false;
  }
  return true;
}

/* Is all's part of model m the tensor's? */
static bool same_part (const mlp_Tensor *t, void *all, int m) {
  mlpi_Array wide = mlpi_abreast(&t->a, false);
  wide.data = all;
  const mlpi_Array part = mlpi_abreast_part(&wide, (size_t)m);
  return same_bits(&t->a, &part);
}

static void compare_weight (const Case *c, const Side *d, bool trained, int m) {
  check(same_part(d->tensor, d->wide, m), c->u, c->number,
        "what it leaves in an argument differs");
  if (trained)
    check(same_part(d->tensor->grad, d->wide_grad, m), c->u, c->number,
          "a gradient differs");
}

/* Model m's own plan against its part of that of all. */
static void compare (Case *c, const Graph *all, int m) {
  Graph one;
  if (graph_new(&one, c, m, NULL) != MLP_OK) abort();
  fill(c, &one, m, true);
  mlpi_plan_scale_loss(one.plan, 0, scale_of(m));
  mlpi_plan_forward(one.plan, step_of(m));
  mlpi_plan_backward(one.plan);
  const mlpi_Array own = mlpi_plan_array(one.plan, one.out);
  const mlpi_Array wide = mlpi_plan_array(all->plan, all->out);
  const mlpi_Array part = mlpi_abreast_part(&wide, (size_t)m);
  check(same_bits(&own, &part), c->u, c->number, "the result differs");
  for (int i = 0; i < c->s.n_in; i++)
    if (c->side[i].role == WEIGHT)
      compare_weight(c, &c->side[i], one.loss != NULL, m);
  graph_free(&one);
}

/* Where what is a weight's, or its gradient's, lies of all models. */
static void *place (void *ud, const void *at) {
  Case *c = ud;
  for (int i = 0; i < c->s.n_in; i++) {
    const Side *d = &c->side[i];
    if (d->role != WEIGHT || mlpi_count(&d->tensor->a) == 0) continue;
    if (at == d->tensor->a.data) return d->wide;
    if (d->tensor->grad != NULL && at == d->tensor->grad->a.data)
      return d->wide_grad;
  }
  return NULL;
}

static void rekey (void *ud, mlpi_Stream *s) { *s = stream_of(*(int *)ud); }

static void run_all (Case *c, const Graph *g) {
  uint64_t step[N];
  for (int m = 0; m < N; m++) {
    fill(c, g, m, false);
    mlpi_plan_rekey(g->plan, (size_t)m, rekey, &m);
    mlpi_plan_scale_loss(g->plan, (size_t)m, scale_of(m));
    step[m] = step_of(m);
  }
  mlpi_plan_forward_abreast(g->plan, step);
  mlpi_plan_backward(g->plan);
}

/* Some operators write over an argument, the state of a layer: nobody shares
** it. */
static bool writes_shared (const Case *c) {
  for (int i = 0; i < c->s.n_in; i++) {
    const mlpi_Array value = stored(&c->side[i]);
    void *before = memory(bytes_of(&value));
    put_value(&c->side[i], 0, before);
    const bool same =
        c->side[i].role != SHARED ||
        memcmp(before, c->side[i].tensor->a.data, bytes_of(&value)) == 0;
    free(before);
    if (!same) return true;
  }
  return false;
}

static void check_case (mlp_Runtime *rt, const Subject *u, mlp_Dtype real,
                        int number) {
  Case c;
  Graph all;
  case_new(&c, rt, u, real, number);
  const mlpi_Abreast abreast = { place, &c };
  mlp_Status s = graph_new(&all, &c, 0, &abreast);
  if (s == MLP_OK) {
    run_all(&c, &all);
    const int models = writes_shared(&c) ? 0 : N;
    for (int m = 0; m < models; m++) compare(&c, &all, m);
  } else {
    check(may_refuse(&c.s, s), u, number, mlp_last_error(rt));
  }
  graph_free(&all);
  case_free(&c);
}

/* What main was asked for; all where it was not. */
typedef struct Wanted {
  mlp_Runtime *rt;
  int names, draws;
  char **name;
} Wanted;

static bool is_wanted (const Wanted *w, const char *name) {
  bool wanted = w->names == 0;
  for (int i = 0; i < w->names; i++)
    wanted = wanted || strcmp(w->name[i], name) == 0;
  return wanted;
}

static void check_subject (const Subject *u, void *ud) {
  const Wanted *w = ud;
  mlp_Runtime *rt = w->rt;
  const mlpi_Op *op = mlpi_op(rt, MLP_FLOAT64, u->op);
  if ((op->flags & MLPI_OP_EAGER) != 0 || !is_wanted(w, label(u))) return;
  for (int i = 0; i < w->draws; i++) {
    check_case(rt, u, MLP_FLOAT32, i);
    check_case(rt, u, MLP_FLOAT64, i);
  }
}

int main (int argc, char **argv) {
  static const char *const isa[] = { "baseline", "v3", "v4" };
  const char *only = argc > 1 ? argv[1] : NULL;
  for (int i = 0; i < ISAS; i++) {
    Wanted w = { NULL, argc > 2 ? argc - 2 : 0, argc > 2 ? 4 : DRAWS,
                 argv + 2 };
    mlp_Config config;
    if (only != NULL && strcmp(only, isa[i]) != 0) continue;
    mlp_config_init(&config);
    config.isa = isa[i];
    config.threads = 2;
    if (mlp_create(&config, &w.rt) == MLP_OK)
      each_subject(check_subject, &w);
    else
      printf("pending: instruction set %s is not on this machine\n", isa[i]);
    mlp_destroy(w.rt);
  }
  printf("abreast: %d passed, %d failed\n", checks - failures, failures);
  return failures == 0 ? 0 : 1;
}
