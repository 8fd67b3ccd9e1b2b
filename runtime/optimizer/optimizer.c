/*
** optimizer.c - what the optimizers share: their options as numbers, and the
** passes of clipping, weight decay, accumulation and averaging.
*/
#include "optimizer/optimizer.h"

void mlpi_optimizer_options (const mlp_Object *o, double *opt) {
  for (int i = 0; o->kind->options[i].name != NULL; i++)
    switch (o->kind->options[i].type) {
    case MLP_TEXT:
      opt[i] = mlpi_object_choice(o, i);
      break;
    case MLP_NUMBER:
    case MLP_INTEGER:
    case MLP_BOOLEAN:
      opt[i] = o->value[i].number;
      break;
    default:
      opt[i] = 0;
    }
}

mlp_Status mlpi_optimizer_check (const mlp_Object *o) {
  const mlp_Optimizer *k = (const mlp_Optimizer *)o->kind;
  const mlpi_Value *v = &o->value[k->common];
  mlp_Status own = k->check == NULL ? MLP_OK : k->check(o);
  if (own != MLP_OK) return own;
  if (k->common == 0) return MLP_OK;
  if ((v[MLPI_CLIPNORM].number != 0) + (v[MLPI_GLOBAL_CLIPNORM].number != 0) +
          (v[MLPI_CLIPVALUE].number != 0) >
      1)
    return mlpi_error(o->rt, MLP_EARG,
                      "%s: expected at most one of clipnorm, global_clipnorm "
                      "and clipvalue, got more",
                      k->name);
  const mlp_Object *s = v[MLPI_SCHEDULE].object;
  if (s == NULL || ((const mlp_Schedule *)s->kind)->check == NULL)
    return MLP_OK;
  return ((const mlp_Schedule *)s->kind)->check(s);
}

int mlpi_optimizer_slots (const mlp_Optimizer *k, const double *opt) {
  return k->slots(opt) + (mlpi_common(k, opt, MLPI_ACCUMULATION, 1) > 1) +
         (mlpi_common(k, opt, MLPI_USE_EMA, 0) != 0);
}

/* The statements, with T as either type. */
#define EITHER(...)                                                            \
  if (dtype == MLP_FLOAT32) {                                                  \
    typedef float T;                                                           \
    __VA_ARGS__                                                                \
  } else {                                                                     \
    typedef double T;                                                          \
    __VA_ARGS__                                                                \
  }

double mlpi_sum_squares (mlp_Dtype dtype, size_t n, const void *x) {
  double lane[MLPI_LANES] = { 0 };
  const size_t whole = n - n % MLPI_LANES;
  EITHER(const T *v = x;
         for (size_t i = 0; i < whole;
              i += MLPI_LANES) for (size_t j = 0; j < MLPI_LANES; j++)
             lane[j] += (double)v[i + j] * (double)v[i + j];
         for (size_t i = whole; i < n; i++) lane[i - whole] +=
         (double)v[i] * (double)v[i];)
  for (size_t half = MLPI_LANES / 2; half > 0; half /= 2)
    for (size_t j = 0; j < half; j++) lane[j] += lane[j + half];
  return lane[0];
}

void mlpi_scale (mlp_Dtype dtype, size_t n, double a, void *x) {
  EITHER(T *v = x; for (size_t i = 0; i < n; i++) v[i] *= (T)a;)
}

void mlpi_divide (mlp_Dtype dtype, size_t n, double a, void *x) {
  EITHER(T *v = x; for (size_t i = 0; i < n; i++) v[i] /= (T)a;)
}

void mlpi_clip (mlp_Dtype dtype, size_t n, double limit, void *x) {
  EITHER(T *v = x; const T most = (T)limit;
         for (size_t i = 0; i < n; i++) v[i] = v[i] > most    ? most
                                               : v[i] < -most ? -most
                                                              : v[i];)
}

void mlpi_add_scaled (mlp_Dtype dtype, size_t n, double a, const void *x,
                      void *y) {
  EITHER(const T *v = x; T *w = y;
         for (size_t i = 0; i < n; i++) w[i] += (T)a * v[i];)
}

void mlpi_add_scaled_abreast (mlp_Dtype dtype, size_t n, const double *a,
                              const void *x, void *y) {
  enum { N = MLPI_ABREAST };
  EITHER(T k[N]; const T *v = x; T *w = y;
         for (size_t l = 0; l < N; l++) k[l] = (T)a[l];
         for (size_t i = 0; i < n * N; i += N) for (size_t l = 0; l < N; l++)
             w[i + l] += k[l] * v[i + l];)
}

void mlpi_approach (mlp_Dtype dtype, size_t n, double a, const void *x,
                    void *y) {
  EITHER(const T *v = x; T *w = y;
         for (size_t i = 0; i < n; i++) w[i] += (T)a * (v[i] - w[i]);)
}
