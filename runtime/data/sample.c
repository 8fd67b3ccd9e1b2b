/*
** sample.c - rows under construction.
*/
#include "data/sample.h"

#include <string.h>

mlp_Status mlpi_sample_begin (mlp_Runtime *rt, const mlp_Object *o,
                              size_t features, size_t classes, mlpi_Points *s,
                              mlp_Dataset **out) {
  size_t n = (size_t)o->value[MLPI_N].number;
  *out = NULL;
  *s = (mlpi_Points){ rt, o, n, features, classes, NULL, NULL };
  s->x = mlpi_calloc(rt, n, features * sizeof *s->x);
  if (s->x == NULL) return MLP_ENOMEM;
  s->y = mlpi_calloc(rt, n, sizeof *s->y);
  if (s->y != NULL) return MLP_OK;
  mlpi_free(rt, s->x, n * features * sizeof *s->x);
  return MLP_ENOMEM;
}

mlpi_Stream mlpi_sample_stream (mlp_Runtime *rt, const mlp_Object *o,
                                uint32_t which) {
  double seed = o->value[MLPI_SEED].number;
  return mlpi_stream(seed < 0 ? rt->seed : (uint64_t)seed, 0, which,
                     MLPI_FOR_DATA, 0);
}

double mlpi_between (const mlpi_Stream *s, uint64_t i, double low,
                     double high) {
  return mlpi_uniform(s, i) * (high - low) + low;
}

size_t mlpi_class_size (size_t n, size_t k, size_t c) {
  return n / k + (c < n % k);
}

void mlpi_sample_noise (const mlpi_Points *s, double deviation, size_t n,
                        double *v) {
  mlpi_Stream r = mlpi_sample_stream(s->rt, s->options, MLPI_NOISE);
  if (deviation == 0) return;
  for (size_t i = 0; i < n; i++) v[i] += deviation * mlpi_normal(&r, i);
}

static void store (const double *from, size_t n, const mlp_Tensor *to) {
  for (size_t i = 0; i < n; i++) mlpi_set(&to->a, i, from[i]);
}

/* The rows as tensors, in the order in which they were made. */
static mlp_Status convert (const mlpi_Points *s, mlp_Tensor **x,
                           mlp_Tensor **y) {
  const char *name = s->options->value[MLPI_DTYPE].text;
  mlp_Dtype real = strcmp(name, "float64") == 0 ? MLP_FLOAT64 : MLP_FLOAT32;
  mlp_Dtype dtype = s->classes > 0 ? MLP_INT64 : real;
  size_t shape[] = { s->n, s->features }, column[] = { s->n, 1 };
  mlp_Status e = mlpi_tensor_new(s->rt, real, 2, shape, x);
  if (e == MLP_OK)
    e = mlpi_tensor_new(s->rt, dtype, s->classes > 0 ? 1 : 2, column, y);
  if (e != MLP_OK) return e;
  store(s->x, s->n * s->features, *x);
  store(s->y, s->n, *y);
  return MLP_OK;
}

static mlp_Status shuffled (const mlpi_Points *s, mlp_Dataset *d,
                            mlp_Dataset **out) {
  mlpi_Stream r = mlpi_sample_stream(s->rt, s->options, MLPI_ORDER);
  size_t *order = mlpi_calloc(s->rt, s->n, sizeof *order);
  if (order == NULL) return MLP_ENOMEM;
  mlpi_permutation(&r, s->n, order);
  mlp_Status e = mlpi_dataset_rows_new(d, s->n, order, out);
  mlpi_free(s->rt, order, s->n * sizeof *order);
  return e;
}

mlp_Status mlpi_sample_end (mlpi_Points *s, const char *const *names,
                            mlp_Dataset **out) {
  mlp_Tensor *x = NULL, *y = NULL;
  mlp_Dataset *d = NULL;
  *out = NULL;
  mlp_Status e = convert(s, &x, &y);
  mlpi_free(s->rt, s->x, s->n * s->features * sizeof *s->x);
  mlpi_free(s->rt, s->y, s->n * sizeof *s->y);
  const char *name = s->options->kind->name;
  if (e == MLP_OK) e = mlpi_dataset_new(s->rt, name, x, y, s->classes, &d);
  if (e == MLP_OK && names != NULL)
    e = mlpi_dataset_name_classes(d, s->classes, names);
  if (e == MLP_OK) e = shuffled(s, d, out);
  mlpi_dataset_release(d);
  mlpi_tensor_release(x);
  mlpi_tensor_release(y);
  return e;
}
