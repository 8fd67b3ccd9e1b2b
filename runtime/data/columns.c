/*
** columns.c - scalers as scikit-learn's StandardScaler and MinMaxScaler; the
** features of the TensorFlow Playground.
*/
#include "data/columns.h"
#include "base/fmath.h"

#include <float.h>
#include <math.h>

/* Elements in a row. */
static size_t width (const mlp_Tensor *x) {
  size_t n = 1;
  for (int d = 1; d < x->a.ndim; d++) n *= x->a.shape[d];
  return n;
}

/* Mean and deviation of column c, in two passes. What rounding alone can
** make of a constant column counts as none: scikit-learn's bound. */
static void standard (const mlp_Tensor *x, size_t c, size_t f, double *shift,
                      double *scale) {
  double sum = 0, squares = 0, n = 0;
  for (size_t i = c; i < x->a.shape[0] * f; i += f) {
    double v = mlpi_get(&x->a, i);
    if (!isnan(v)) sum += v, n++;
  }
  double mean = n > 0 ? sum / n : 0;
  for (size_t i = c; i < x->a.shape[0] * f; i += f) {
    double v = mlpi_get(&x->a, i) - mean;
    if (!isnan(v)) squares += v * v;
  }
  double variance = n > 0 ? squares / n : 0, lost = n * mean * DBL_EPSILON;
  bool constant = variance <= n * DBL_EPSILON * variance + lost * lost;
  *shift = mean;
  *scale = constant ? 1 : sqrt(variance);
}

static void min_max (const mlp_Tensor *x, size_t c, size_t f, double *least,
                     double *range) {
  double low = INFINITY, high = -INFINITY;
  for (size_t i = c; i < x->a.shape[0] * f; i += f) {
    double v = mlpi_get(&x->a, i);
    if (v < low) low = v;
    if (v > high) high = v;
  }
  *least = low > high ? 0 : low;
  *range = low >= high ? 1 : high - low;
}

mlp_Status mlpi_scaler_fit (const mlp_Tensor *x, mlpi_Scaling how, double low,
                            double high, mlp_Tensor **shift,
                            mlp_Tensor **scale) {
  size_t f = width(x);
  *shift = *scale = NULL;
  mlp_Status s = mlpi_tensor_new(x->rt, MLP_FLOAT64, 1, &f, shift);
  if (s == MLP_OK) s = mlpi_tensor_new(x->rt, MLP_FLOAT64, 1, &f, scale);
  if (s != MLP_OK) {
    mlpi_tensor_release(*shift);
    *shift = NULL;
    return s;
  }
  double *a = (*shift)->a.data, *b = (*scale)->a.data;
  for (size_t c = 0; c < f; c++) {
    if (how == MLPI_STANDARD) {
      standard(x, c, f, &a[c], &b[c]);
      continue;
    }
    min_max(x, c, f, &a[c], &b[c]);
    b[c] /= high - low;
    a[c] -= low * b[c];
  }
  return MLP_OK;
}

mlp_Status mlpi_scaler_apply (const mlp_Tensor *x, const mlp_Tensor *shift,
                              const mlp_Tensor *scale, bool inverse,
                              mlp_Tensor **out) {
  size_t f = width(x);
  *out = NULL;
  if (f != shift->a.shape[0])
    return mlpi_error(x->rt, MLP_ESHAPE,
                      "scaler: expected the %zu columns it was fitted to, "
                      "got %zu",
                      shift->a.shape[0], f);
  mlp_Status s = mlpi_tensor_new(x->rt, x->a.dtype, x->a.ndim, x->a.shape, out);
  if (s != MLP_OK) return s;
  const double *a = shift->a.data, *b = scale->a.data;
  for (size_t i = 0; i < x->a.shape[0]; i++)
    for (size_t c = 0; c < f; c++) {
      double v = mlpi_get(&x->a, i * f + c);
      mlpi_set(&(*out)->a, i * f + c,
               inverse ? v * b[c] + a[c] : (v - a[c]) / b[c]);
    }
  return MLP_OK;
}

mlp_Status mlpi_one_hot (const mlp_Tensor *classes, size_t k, mlp_Dtype dtype,
                         mlp_Tensor **out) {
  size_t n = classes->a.shape[0], shape[] = { n, k };
  mlp_Status s = mlpi_tensor_new(classes->rt, dtype, 2, shape, out);
  if (s != MLP_OK) return s;
  for (size_t i = 0; i < n; i++) {
    double c = mlpi_get(&classes->a, i);
    if (!(c >= 1 && c <= (double)k && c == floor(c))) {
      mlpi_tensor_release(*out);
      *out = NULL;
      return mlpi_error(classes->rt, MLP_EARG,
                        "one_hot: label %g at row %zu; expected 1..%zu%s", c,
                        i + 1, k,
                        c == 0 ? " (labels are 1-based; use y + 1)" : "");
    }
    for (size_t j = 0; j < k; j++)
      mlpi_set(&(*out)->a, i * k + j, j + 1 == (size_t)c);
  }
  return MLP_OK;
}

static double term (const mlpi_Term *t, const mlpi_Array *x, size_t row) {
  double v = mlpi_get(x, row + t->i);
  switch (t->what) {
  case MLPI_PRODUCT:
    return v * mlpi_get(x, row + t->j);
  case MLPI_SIN:
    return mlpi_sin(v);
  case MLPI_COS:
    return mlpi_cos(v);
  default:
    return v;
  }
}

mlp_Status mlpi_feature_columns (const mlp_Tensor *x, size_t n,
                                 const mlpi_Term *terms, mlp_Tensor **out) {
  size_t f = width(x), shape[] = { x->a.shape[0], n };
  *out = NULL;
  for (size_t k = 0; k < n; k++)
    if (terms[k].i >= f || terms[k].j >= f)
      return mlpi_error(
          x->rt, MLP_EARG, "features: expected columns 1 to %zu, got %zu", f,
          (terms[k].i > terms[k].j ? terms[k].i : terms[k].j) + 1);
  mlp_Status s = mlpi_tensor_new(x->rt, x->a.dtype, 2, shape, out);
  for (size_t i = 0; s == MLP_OK && i < shape[0]; i++)
    for (size_t k = 0; k < n; k++)
      mlpi_set(&(*out)->a, i * n + k, term(&terms[k], &x->a, i * f));
  return s;
}
