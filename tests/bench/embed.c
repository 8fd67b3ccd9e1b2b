/*
** embed.c - what embedding costs: a runtime that does nothing, the first
** script, and one row through 784-128-10 beyond its arithmetic.
*/
#include "host/embed.h"
#include "op/op.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IN = 784, HIDDEN = 128, OUT = 10, ROUNDS = 2000, TRIES = 15 };

static int later (const void *a, const void *b) {
  double d = *(const double *)a - *(const double *)b;
  return (d > 0) - (d < 0);
}

static double least (double *t, int n) {
  qsort(t, (size_t)n, sizeof *t, later);
  return t[0];
}

static void bench_create (void) {
  double t[TRIES], script[TRIES];
  size_t idle = 0, used = 0;
  for (int i = 0; i < TRIES; i++) {
    mlp_Runtime *rt;
    double start = mlpi_now();
    mlp_create(NULL, &rt);
    t[i] = mlpi_now() - start;
    idle = sizeof *rt + mlp_memory_used(rt);
    start = mlpi_now();
    mlp_run_string(rt, "require 'mlp'", 13, NULL);
    script[i] = mlpi_now() - start;
    used = sizeof *rt + mlp_memory_used(rt);
    mlp_destroy(rt);
  }
  printf("an idle runtime    %8.3f ms %8.1f kB  (at most 5 ms, 1500 kB)\n",
         1e3 * least(t, TRIES), (double)idle / 1e3);
  printf("its first script   %8.3f ms %8.1f kB\n", 1e3 * least(script, TRIES),
         (double)used / 1e3);
}

static mlp_Model *new_model (mlp_Runtime *rt) {
  const mlp_Setting hidden[] = { { .name = "units", .number = HIDDEN },
                                 { .name = "activation", .text = "relu" },
                                 { .name = NULL } };
  const mlp_Setting out[] = { { .name = "units", .number = OUT },
                              { .name = "activation", .text = "softmax" },
                              { .name = NULL } };
  size_t shape[1] = { IN };
  mlp_Model *m;
  mlp_model_new(rt, &m);
  mlp_model_add(m, "dense", hidden);
  mlp_model_add(m, "dense", out);
  mlp_model_build(m, MLP_FLOAT32, 1, shape);
  return m;
}

/* The same operators, called one after the other. */
typedef struct Bare {
  mlpi_Call call[6];
  mlpi_Array in[6][2];
  int n;
} Bare;

static void add_call (mlp_Runtime *rt, Bare *b, const char *op,
                      const mlpi_Attrs *attrs, const mlpi_Array *x,
                      const mlpi_Array *w) {
  mlpi_Call *c = &b->call[b->n];
  mlp_Tensor *out;
  c->rt = rt;
  c->op = mlpi_op(rt, MLP_FLOAT32, op);
  c->in = b->in[b->n++];
  c->in[0] = *x;
  c->n_in = w == NULL ? 1 : 2;
  if (w != NULL) c->in[1] = *w;
  if (attrs != NULL) c->attrs = *attrs;
  c->op->shape(c);
  mlpi_tensor_new(rt, MLP_FLOAT32, c->out.ndim, c->out.shape, &out);
  c->out = out->a;
  c->scratch = mlpi_alloc(rt, 1 << 20);
}

static void add_layer (mlp_Runtime *rt, Bare *b, const mlp_Layer *l,
                       const mlpi_Array *x) {
  mlpi_Attrs a = { .object = l->o->value[1].object };
  a.kind = mlpi_object_kind(a.object, MLP_FLOAT32);
  add_call(rt, b, "matmul", NULL, x, &l->weight[0].tensor->a);
  add_call(rt, b, "add", NULL, &b->call[b->n - 1].out, &l->weight[1].tensor->a);
  add_call(rt, b, "activate", &a, &b->call[b->n - 1].out, NULL);
}

static double time_bare (const Bare *b) {
  double start = mlpi_now();
  for (int i = 0; i < ROUNDS; i++)
    for (int k = 0; k < b->n; k++) b->call[k].op->forward(&b->call[k]);
  return (mlpi_now() - start) / ROUNDS;
}

static double time_predict (mlp_Model *m, const float *x, float *out) {
  double start = mlpi_now();
  for (int i = 0; i < ROUNDS; i++) mlp_model_predict(m, 1, x, out);
  return (mlpi_now() - start) / ROUNDS;
}

static void bench_predict (void) {
  static float row[IN];
  float out[OUT];
  double bare[TRIES], call[TRIES];
  size_t shape[2] = { 1, IN };
  mlp_Runtime *rt;
  mlp_Tensor *x;
  static Bare b;
  mlp_create(NULL, &rt);
  mlp_Model *m = new_model(rt);
  for (int i = 0; i < IN; i++) row[i] = (float)(i % 29) / 29;
  mlpi_tensor_wrap(rt, row, MLP_FLOAT32, 2, shape, NULL, NULL, &x);
  add_layer(rt, &b, m->layer[0], &x->a);
  add_layer(rt, &b, m->layer[1], &b.call[b.n - 1].out);
  for (int i = 0; i < TRIES; i++) {
    bare[i] = time_bare(&b);
    call[i] = time_predict(m, row, out);
  }
  double arithmetic = least(bare, TRIES), all = least(call, TRIES);
  int same = memcmp(out, b.call[b.n - 1].out.data, sizeof out) == 0;
  printf("a row of 784-128-10 %7.2f us, its arithmetic %.2f us, beyond it "
         "%.2f us  (at most 2 us)%s\n",
         1e6 * all, 1e6 * arithmetic, 1e6 * (all - arithmetic),
         same ? "" : "  NOT THE SAME RESULT");
}

int main (void) {
  bench_create();
  bench_predict();
  return 0;
}
