/*
** op_samples.c - see op_samples.h.
*/
#include "op_samples.h"

#include <math.h>
#include <string.h>

const char *label (const Subject *s) {
  return s->activation != NULL ? s->activation : s->op;
}

static const mlp_Kind *const *kinds (const char *family) {
  const mlpi_Family *f = mlpi_variants[MLPI_BASELINE][1];
  while (strcmp(f->name, family) != 0) f++;
  return f->kinds;
}

static void visit (Subject u, void (*f)(const Subject *u, void *ud), void *ud) {
  if (u.min == 0 && u.max == 0) u.min = -2, u.max = 2;
  f(&u, ud);
}

void each_subject (void (*f)(const Subject *u, void *ud), void *ud) {
  for (const mlp_Kind *const *k = kinds("op"); *k != NULL; k++) {
    const mlpi_Op *op = (const mlpi_Op *)*k;
    Subject u = { op->name, NULL, op->check_min, op->check_max, op->check_in };
    if (strcmp(op->name, "activate") != 0) visit(u, f, ud);
  }
  for (const mlp_Kind *const *k = kinds("activation"); *k != NULL; k++) {
    const mlp_Activation *a = (const mlp_Activation *)*k;
    Subject u = { "activate", a->name, a->check_min, a->check_max, 0 };
    visit(u, f, ud);
  }
}

void make_sample (const mlp_Runtime *rt, mlpi_OpSample *s, const Subject *u,
                  int number) {
  const mlpi_Op *op = mlpi_op(rt, MLP_FLOAT64, u->op);
  *s = (mlpi_OpSample){ .stream = mlpi_stream(1, 2, 3, MLPI_FOR_USER,
                                              (uint64_t)number),
                        .n_in = op->min_in,
                        .limit = 3 };
  if (op->sample != NULL) {
    op->sample(s, MLP_FLOAT64);
    return;
  }
  int ndim = (int)mlpi_sample_size(s, 0, 3);
  mlpi_sample_input(s, 0, MLP_FLOAT64, ndim);
  for (int i = 1; i < s->n_in; i++) {
    s->in[i] = s->in[0];
    for (int d = 0; d < ndim; d++) /* some axes are broadcast */
      if (number % 2 == 0 && mlpi_sample_size(s, 0, 2) == 0)
        s->in[mlpi_sample_size(s, 0, 1) * (size_t)i].shape[d] = 1;
  }
}

static double draw (mlpi_OpSample *s, double lo, double hi) {
  double x = lo + (hi - lo) * mlpi_uniform(&s->stream, s->draws++);
  return (float)x; /* so that both types see the same number */
}

void draw_into (mlpi_OpSample *s, const mlpi_Array *a, double lo, double hi) {
  for (size_t k = 0; k < mlpi_count(a); k++) {
    double x = draw(s, lo, hi);
    if (a->dtype == MLP_INT64)
      x = (double)mlpi_sample_size(s, 1, (size_t)s->limit);
    if (a->dtype == MLP_UINT8) x = (double)mlpi_sample_size(s, 0, 1);
    mlpi_set(a, k, x);
  }
}

void make_dominant (const mlpi_Array *a) {
  size_t n = a->shape[a->ndim - 1];
  for (size_t k = 0; k < mlpi_count(a); k++) {
    size_t base = k / (n * n) * n * n, i = k / n % n, j = k % n;
    double x = mlpi_get(a, k);
    if (i == j) mlpi_set(a, k, fabs(x) + 2 * (double)n);
    if (i < j) mlpi_set(a, base + j * n + i, x);
  }
}

bool may_refuse (const mlpi_OpSample *s, mlp_Status status) {
  for (int i = 0; i < s->n_in; i++)
    if (mlpi_count(&s->in[i]) == 0) return true;
  return s->n_in == 2 && status == MLP_ESHAPE &&
         !mlpi_same_shape(&s->in[0], &s->in[1]);
}
