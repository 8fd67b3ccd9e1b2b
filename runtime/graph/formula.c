/*
** formula.c - expressions over tensors: see formula.h.
*/
#include "graph/formula.h"

#include <assert.h>

mlpi_Formula mlpi_formula (const mlp_Tensor *t) {
  return (mlpi_Formula){ .rt = t->rt, .dtype = t->a.dtype };
}

static mlp_Tensor *keep (mlpi_Formula *f, mlp_Tensor *t) {
  if (t != NULL) f->term[f->n++] = t;
  return t;
}

mlp_Tensor *mlpi_of_all (mlpi_Formula *f, const char *op,
                         const mlpi_Attrs *attrs, int n, mlp_Tensor *const *a) {
  mlp_Tensor *out = NULL;
  if (f->status != MLP_OK) return NULL;
  assert(f->n < MLPI_TERMS);
  f->status = mlpi_apply(f->rt, op, attrs, n, a, &out);
  return keep(f, out);
}

mlp_Tensor *mlpi_of (mlpi_Formula *f, const char *op, mlp_Tensor *a) {
  return mlpi_of_all(f, op, NULL, 1, &a);
}

mlp_Tensor *mlpi_of2 (mlpi_Formula *f, const char *op, mlp_Tensor *a,
                      mlp_Tensor *b) {
  mlp_Tensor *in[] = { a, b };
  return mlpi_of_all(f, op, NULL, 2, in);
}

static mlp_Tensor *constant (mlpi_Formula *f, double number) {
  mlp_Tensor *t = NULL;
  if (f->status != MLP_OK) return NULL;
  assert(f->n < MLPI_TERMS);
  f->status = mlpi_scalar(f->rt, f->dtype, number, &t);
  return keep(f, t);
}

mlp_Tensor *mlpi_of_number (mlpi_Formula *f, const char *op, mlp_Tensor *a,
                            double number) {
  return mlpi_of2(f, op, a, constant(f, number));
}

mlp_Tensor *mlpi_number_of (mlpi_Formula *f, const char *op, double number,
                            mlp_Tensor *a) {
  return mlpi_of2(f, op, constant(f, number), a);
}

mlp_Tensor *mlpi_over (mlpi_Formula *f, const char *op, mlp_Tensor *a,
                       int64_t axis, bool kept) {
  mlpi_Attrs attrs = { .n_axis = 1, .axis = { axis }, .flag = kept };
  return mlpi_of_all(f, op, &attrs, 1, &a);
}

mlp_Tensor *mlpi_clamped (mlpi_Formula *f, mlp_Tensor *a, double low,
                          double high) {
  mlpi_Attrs attrs = { .number = { low, high } };
  return mlpi_of_all(f, "clamp", &attrs, 1, &a);
}

mlp_Tensor *mlpi_power_of (mlpi_Formula *f, mlp_Tensor *a, double exponent) {
  mlpi_Attrs attrs = { .number = { exponent } };
  return mlpi_of_all(f, "pow_scalar", &attrs, 1, &a);
}

mlp_Status mlpi_formula_end (mlpi_Formula *f, mlp_Tensor *result,
                             mlp_Tensor **out) {
  *out = f->status == MLP_OK ? mlpi_tensor_retain(result) : NULL;
  while (f->n > 0) mlpi_tensor_release(f->term[--f->n]);
  return f->status;
}
