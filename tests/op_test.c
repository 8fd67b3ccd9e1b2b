/*
** op_test.c - properties of every operator and activation function, on random
** arguments that the descriptors describe themselves:
**   gradients agree with central differences (float64, every shape and view);
**   every result and gradient is written completely;
**   bits do not depend on strides, on the instruction set, or on who called
**     .prepare;
**   float32 agrees with float64;
**   values agree with formulas in long double.
*/
#include "op_samples.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DRAWS = 20, ISA_RUNTIMES = 3 };

static mlp_Runtime *runtimes[ISA_RUNTIMES]; /* NULL: not on this machine */
static int failures, checks;

#define CHECK(ok, ...)                                                         \
  do {                                                                         \
    checks++;                                                                  \
    if (!(ok)) {                                                               \
      failures++;                                                              \
      if (failures < 40) {                                                     \
        printf("FAIL %s:%d: ", __FILE__, __LINE__);                            \
        printf(__VA_ARGS__);                                                   \
        printf("\n");                                                          \
      }                                                                        \
    }                                                                          \
  } while (0)

/* How an input lies in memory. */
enum { PLAIN, REVERSED_AXES, EVERY_SECOND, LAYOUTS };

typedef struct Buffer {
  mlpi_Array a;
  void *memory;
} Buffer;

static Buffer buffer_new (mlp_Dtype dtype, int ndim, const size_t *shape,
                          int layout) {
  Buffer b = { .a = { .dtype = dtype, .ndim = ndim } };
  size_t n = 1;
  int gap = layout == EVERY_SECOND ? 2 : 1;
  ptrdiff_t step = gap;
  for (int i = 0; i < ndim; i++) {
    int d = layout == REVERSED_AXES ? i : ndim - 1 - i;
    b.a.shape[d] = shape[d];
    b.a.stride[d] = step;
    step *= (ptrdiff_t)shape[d];
    n *= shape[d];
  }
  size_t size = mlpi_dtype_size(dtype);
  b.memory = malloc((n * (size_t)gap + 1) * size + 64);
  memset(b.memory, 0xff, (n * (size_t)gap + 1) * size + 64); /* NaN */
  b.a.data = b.memory;
  return b;
}

static Buffer buffer_like (const mlpi_Array *a, mlp_Dtype dtype, int layout) {
  return buffer_new(dtype, a->ndim, a->shape, layout);
}

/* One application with everything it reads and writes. */
typedef struct Run {
  mlpi_Call c;
  Buffer in[MLPI_SAMPLED], out, g, gin[MLPI_SAMPLED];
  mlpi_Array arrays[MLPI_SAMPLED];
  void *scratch;
  mlp_Status status;
} Run;

static void run_free (Run *r) {
  for (int i = 0; i < r->c.n_in; i++) {
    free(r->in[i].memory);
    free(r->gin[i].memory);
  }
  free(r->out.memory);
  free(r->g.memory);
  free(r->scratch);
}

static bool is_view (const Run *r) {
  return (mlpi_op_flags(&r->c) & MLPI_OP_VIEW) != 0;
}

static void run_forward (Run *r) {
  if (!is_view(r)) r->c.op->forward(&r->c);
}

/* The op applied to copies of 'values' in that layout and real type. */
static void run_new (Run *r, mlp_Runtime *rt, mlp_Dtype real, const Subject *u,
                     const mlpi_OpSample *s, const Buffer *values, int layout) {
  *r = (Run){ .c = { .rt = rt, .n_in = s->n_in, .attrs = s->attrs } };
  r->c.op = mlpi_op(rt, real, u->op);
  r->c.in = r->arrays;
  if (u->activation != NULL)
    r->c.attrs.kind = mlpi_variant(rt, real, "activation", u->activation);
  if (mlpi_is_real(s->attrs.dtype)) r->c.attrs.dtype = real;
  for (int i = 0; i < s->n_in; i++) {
    mlp_Dtype dtype = s->in[i].dtype;
    if (mlpi_is_real(dtype)) dtype = real;
    r->in[i] = buffer_like(&s->in[i], dtype, layout < 0 ? i % LAYOUTS : layout);
    r->arrays[i] = r->in[i].a;
    for (size_t k = 0; k < mlpi_count(&s->in[i]); k++)
      mlpi_set(&r->in[i].a, k, mlpi_get(&values[i].a, k));
  }
  r->status = r->c.op->shape(&r->c);
  if (r->status == MLP_OK && r->c.op->check != NULL)
    r->status = r->c.op->check(&r->c);
  if (r->status != MLP_OK) return;
  size_t bytes = r->c.op->scratch == NULL ? 0 : r->c.op->scratch(&r->c);
  r->scratch = aligned_alloc(64, (bytes + 127) / 64 * 64);
  r->c.scratch = r->scratch;
  if (!is_view(r)) {
    r->out = buffer_like(&r->c.out, r->c.out.dtype, PLAIN);
    r->c.out.data = r->out.a.data;
  }
  run_forward(r);
}

static bool has_gradient (const Run *r, const Subject *u, int i) {
  return mlpi_is_real(r->in[i].a.dtype) &&
         (u->check_in == 0 || i < u->check_in);
}

static void run_backward (Run *r, const Subject *u, const Buffer *weights) {
  mlpi_Array gin[MLPI_SAMPLED];
  r->g = buffer_like(&r->c.out, r->c.out.dtype, PLAIN);
  for (size_t k = 0; k < mlpi_count(&r->c.out); k++)
    mlpi_set(&r->g.a, k, mlpi_get(&weights->a, k));
  for (int i = 0; i < r->c.n_in; i++) {
    gin[i] = (mlpi_Array){ .data = NULL };
    if (!has_gradient(r, u, i)) continue;
    r->gin[i] = buffer_like(&r->in[i].a, r->in[i].a.dtype, PLAIN);
    gin[i] = r->gin[i].a;
  }
  r->c.op->backward(&r->c, &r->g.a, gin);
}

static bool same_bits (const mlpi_Array *a, const mlpi_Array *b) {
  if (!mlpi_same_shape(a, b) || a->dtype != b->dtype) return false;
  for (size_t k = 0; k < mlpi_count(a); k++) {
    double x = mlpi_get(a, k), y = mlpi_get(b, k);
    if (memcmp(&x, &y, sizeof x) != 0) return false;
  }
  return true;
}

/* The sum of out times the weights. */
static long double value_of (Run *r, const Buffer *weights) {
  long double sum = 0;
  run_forward(r);
  for (size_t k = 0; k < mlpi_count(&r->c.out); k++)
    sum += (long double)mlpi_get(&r->c.out, k) * mlpi_get(&weights->a, k);
  return sum;
}

/* |a - n| <= 1e-7 + 1e-5 max(|a|, |n|) for elements of each input. */
static void check_gradient (Run *r, const Subject *u, const Buffer *weights) {
  const double eps = 1e-6;
  for (int i = 0; i < r->c.n_in; i++) {
    size_t n = mlpi_count(&r->in[i].a);
    if (!has_gradient(r, u, i)) continue;
    for (size_t k = 0; k < n; k += 1 + n / 24) {
      double x = mlpi_get(&r->in[i].a, k), a = mlpi_get(&r->gin[i].a, k);
      double up = x + eps, down = x - eps;
      mlpi_set(&r->in[i].a, k, up);
      long double high = value_of(r, weights);
      mlpi_set(&r->in[i].a, k, down);
      long double low = value_of(r, weights);
      mlpi_set(&r->in[i].a, k, x);
      double num = (double)((high - low) / ((long double)up - down));
      double bound = 1e-7 + 1e-5 * fmax(fabs(a), fabs(num));
      CHECK(fabs(a - num) <= bound,
            "%s: gradient of input %d at %zu (x = %.17g): %.12g, numeric %.12g",
            label(u), i + 1, k, x, a, num);
    }
  }
  run_forward(r);
}

static void compare_runs (const Run *a, const Run *b, const Subject *u,
                          const char *what) {
  CHECK(same_bits(&a->c.out, &b->c.out), "%s: result differs %s", label(u),
        what);
  for (int i = 0; i < a->c.n_in; i++)
    if (a->gin[i].memory != NULL)
      CHECK(same_bits(&a->gin[i].a, &b->gin[i].a), "%s: gradient %d differs %s",
            label(u), i + 1, what);
}

/* Every other instruction set gives the same bits. */
static void check_isas (const Run *r, const Subject *u, const mlpi_OpSample *s,
                        mlp_Dtype real, const Buffer *values,
                        const Buffer *weights) {
  for (int k = 1; k < ISA_RUNTIMES; k++) {
    Run other;
    if (runtimes[k] == NULL) continue;
    run_new(&other, runtimes[k], real, u, s, values, -1);
    if (r->g.memory != NULL) run_backward(&other, u, weights);
    compare_runs(r, &other, u, "between instruction sets");
    run_free(&other);
  }
}

/* What was made ready without values gives the same bits. */
static void check_ready (const Run *r, const Subject *u, const mlpi_OpSample *s,
                         mlp_Dtype real, const Buffer *values,
                         const Buffer *weights) {
  Run other;
  mlpi_Array in[MLPI_SAMPLED];
  if (r->c.op->prepare == NULL) return;
  run_new(&other, r->c.rt, real, u, s, values, -1);
  mlpi_Call blank = other.c;
  blank.in = in;
  blank.out.data = blank.scratch = NULL;
  for (int i = 0; i < blank.n_in; i++) {
    in[i] = other.c.in[i];
    in[i].data = NULL;
  }
  void *ready = malloc(r->c.op->ready_size);
  memset(ready, 0xff, r->c.op->ready_size);
  r->c.op->prepare(&blank, ready);
  other.c.ready = ready;
  run_forward(&other);
  if (r->g.memory != NULL) run_backward(&other, u, weights);
  compare_runs(r, &other, u, "once prepared");
  run_free(&other);
  free(ready);
}

static void check_float32 (const Run *r, const Subject *u,
                           const mlpi_OpSample *s, const Buffer *values,
                           const Buffer *weights) {
  Run f;
  run_new(&f, r->c.rt, MLP_FLOAT32, u, s, values, -1);
  if (r->g.memory != NULL) run_backward(&f, u, weights);
  for (size_t k = 0; k < mlpi_count(&f.c.out); k++) {
    double a = mlpi_get(&f.c.out, k), b = mlpi_get(&r->c.out, k);
    CHECK(fabs(a - b) <= 1e-5 * (1 + fabs(b)) || a == b || (a != a && b != b),
          "%s: float32 gives %.9g, float64 %.9g", label(u), a, b);
  }
  for (int i = 0; i < r->c.n_in; i++)
    for (size_t k = 0; f.gin[i].memory && k < mlpi_count(&f.gin[i].a); k++) {
      double a = mlpi_get(&f.gin[i].a, k), b = mlpi_get(&r->gin[i].a, k);
      CHECK(fabs(a - b) <= 3e-5 * (1 + fabs(b)),
            "%s: float32 gradient %.9g, float64 %.9g", label(u), a, b);
    }
  check_isas(&f, u, s, MLP_FLOAT32, values, weights);
  check_ready(&f, u, s, MLP_FLOAT32, values, weights);
  run_free(&f);
}

static Buffer draw_values (mlpi_OpSample *s, const mlpi_Array *a, double lo,
                           double hi) {
  Buffer b = buffer_like(a, a->dtype, PLAIN);
  draw_into(s, &b.a, lo, hi);
  return b;
}

static void check_one (const Subject *u, int number) {
  mlpi_OpSample s;
  Buffer values[MLPI_SAMPLED], weights;
  Run r, plain;
  make_sample(runtimes[0], &s, u, number);
  for (int i = 0; i < s.n_in; i++)
    values[i] = draw_values(&s, &s.in[i], u->min, u->max);
  if (s.dominant) make_dominant(&values[0].a);
  run_new(&r, runtimes[0], MLP_FLOAT64, u, &s, values, -1);
  if (r.status != MLP_OK) {
    CHECK(may_refuse(&s, r.status), "%s: %s", label(u), mlp_last_error(r.c.rt));
  } else {
    weights = draw_values(&s, &r.c.out, -1, 1);
    if (r.c.op->backward != NULL) {
      run_backward(&r, u, &weights);
      check_gradient(&r, u, &weights);
    }
    run_new(&plain, runtimes[0], MLP_FLOAT64, u, &s, values, PLAIN);
    if (r.c.op->backward != NULL) run_backward(&plain, u, &weights);
    compare_runs(&r, &plain, u, "between strides");
    check_isas(&r, u, &s, MLP_FLOAT64, values, &weights);
    check_ready(&r, u, &s, MLP_FLOAT64, values, &weights);
    check_float32(&r, u, &s, values, &weights);
    run_free(&plain);
    free(weights.memory);
  }
  for (int i = 0; i < s.n_in; i++) free(values[i].memory);
  run_free(&r);
}

static void check_documented (const Subject *u) {
  if (u->activation == NULL) {
    const mlpi_Op *op = mlpi_op(runtimes[0], MLP_FLOAT64, u->op);
    CHECK(op->doc != NULL && op->inputs != NULL, "%s: no doc", u->op);
  } else {
    const mlp_Kind *f =
        mlpi_variant(runtimes[0], MLP_FLOAT64, "activation", u->activation);
    CHECK(f->doc != NULL && f->cite != NULL, "%s: no doc", u->activation);
  }
}

static void check_subject (const Subject *u, void *only) {
  if (only != NULL && strcmp(only, label(u)) != 0) return;
  check_documented(u);
  for (int i = 0; i < DRAWS; i++) check_one(u, i);
}

int main (int argc, char **argv) {
  static const char *const isa[] = { "baseline", "v3", "v4" };
  for (int i = 0; i < ISA_RUNTIMES; i++) {
    mlp_Config config;
    mlp_config_init(&config);
    config.isa = isa[i];
    config.threads = 2;
    if (mlp_create(&config, &runtimes[i]) != MLP_OK)
      printf("pending: instruction set %s is not on this machine\n", isa[i]);
  }
  each_subject(check_subject, argc > 1 ? argv[1] : NULL);
  printf("op: %d passed, %d failed\n", checks - failures, failures);
  for (int i = 0; i < ISA_RUNTIMES; i++) mlp_destroy(runtimes[i]);
  return failures == 0 ? 0 : 1;
}
