/*
** initializer.c - fill weights; what the files of this folder share.
*/
#include "initializer/initializer.h"

/* Keras 3, initializers.compute_fans. */
static void fans (const mlpi_Array *w, double *in, double *out) {
  double field = 1;
  *in = *out = 1;
  if (w->ndim == 0) return;
  if (w->ndim == 1) {
    *in = *out = (double)w->shape[0];
    return;
  }
  for (int i = 0; i < w->ndim - 2; i++) field *= (double)w->shape[i];
  *in = field * (double)w->shape[w->ndim - 2];
  *out = field * (double)w->shape[w->ndim - 1];
}

mlp_Status mlpi_initialize (const mlp_Object *o, const mlpi_Stream *s,
                            double fan_in, const mlpi_Array *w) {
  const mlp_Initializer *k = (const mlp_Initializer *)o->kind;
  double in, out;
  size_t n = mlpi_count(w);
  if (k->fill != NULL) return k->fill(o, s, w);
  fans(w, &in, &out);
  if (fan_in > 0) in = fan_in;
  for (size_t i = 0; i < n; i++) {
    mlp_Status status = i % MLPI_LOOK == 0 ? mlpi_check_cancel(o->rt) : MLP_OK;
    if (status != MLP_OK) return status;
    mlpi_set(w, i, k->value(o, in, out, s, i));
  }
  return MLP_OK;
}

double mlpi_init_uniform (const mlpi_Stream *s, uint64_t i, double limit) {
  return (2 * mlpi_uniform(s, i) - 1) * limit;
}

double mlpi_init_truncated (const mlpi_Stream *s, uint64_t i, double sd) {
  return mlpi_truncated_normal(s, i) * (sd / MLPI_TRUNCATED_SD);
}
