/*
** columns.c - scalers as scikit-learn's StandardScaler and MinMaxScaler; the
** features of the TensorFlow Playground.
*/
#include "data/columns.h"
#include "base/fmath.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Elements in a row. */
static size_t width (const mlp_Tensor *x) {
  size_t n = 1;
  for (int d = 1; d < x->a.ndim; d++) n *= x->a.shape[d];
  return n;
}

/* Row i as float64. */
static void read_row (const mlp_Tensor *x, size_t i, size_t f, double *row) {
  const float *single = (const float *)x->a.data + i * f;
  bool dense = mlpi_contiguous(&x->a);
  if (dense && x->a.dtype == MLP_FLOAT32)
    for (size_t c = 0; c < f; c++) row[c] = (double)single[c];
  else if (dense && x->a.dtype == MLP_FLOAT64)
    memcpy(row, (const double *)x->a.data + i * f, f * sizeof *row);
  else
    for (size_t c = 0; c < f; c++) row[c] = mlpi_get(&x->a, i * f + c);
}

static void write_row (const mlp_Tensor *x, size_t i, size_t f,
                       const double *row) {
  if (x->a.dtype == MLP_FLOAT32)
    for (size_t c = 0; c < f; c++)
      ((float *)x->a.data)[i * f + c] = (float)row[c];
  else
    memcpy((double *)x->a.data + i * f, row, f * sizeof *row);
}

/* mean = that of each column, over the n it has of numbers. */
static void means (const mlp_Tensor *x, size_t f, double *row, double *n,
                   double *mean) {
  for (size_t c = 0; c < f; c++) n[c] = mean[c] = 0;
  for (size_t i = 0; i < x->a.shape[0]; i++) {
    read_row(x, i, f, row);
    for (size_t c = 0; c < f; c++)
      if (!isnan(row[c])) mean[c] += row[c], n[c]++;
  }
  for (size_t c = 0; c < f; c++)
    if (n[c] > 0) mean[c] /= n[c];
}

/* In two passes. What rounding alone can make of a constant column counts as
** no deviation: scikit-learn's bound. */
static void standard (const mlp_Tensor *x, size_t f, double *row, double *n,
                      double *mean, double *scale) {
  means(x, f, row, n, mean);
  for (size_t c = 0; c < f; c++) scale[c] = 0;
  for (size_t i = 0; i < x->a.shape[0]; i++) {
    read_row(x, i, f, row);
    for (size_t c = 0; c < f; c++) {
      double v = row[c] - mean[c];
      if (!isnan(v)) scale[c] += v * v;
    }
  }
  for (size_t c = 0; c < f; c++) {
    double variance = n[c] > 0 ? scale[c] / n[c] : 0;
    double lost = n[c] * mean[c] * DBL_EPSILON;
    bool constant = variance <= n[c] * DBL_EPSILON * variance + lost * lost;
    scale[c] = constant ? 1 : sqrt(variance);
  }
}

static void min_max (const mlp_Tensor *x, size_t f, double *row, double *least,
                     double *most) {
  for (size_t c = 0; c < f; c++) least[c] = INFINITY, most[c] = -INFINITY;
  for (size_t i = 0; i < x->a.shape[0]; i++) {
    read_row(x, i, f, row);
    for (size_t c = 0; c < f; c++) {
      if (row[c] < least[c]) least[c] = row[c];
      if (row[c] > most[c]) most[c] = row[c];
    }
  }
}

/* From least and most of a column to its shift and scale. */
static void spread (size_t f, double low, double high, double *shift,
                    double *scale) {
  for (size_t c = 0; c < f; c++) {
    double least = shift[c], most = scale[c];
    scale[c] = (least < most ? most - least : 1) / (high - low);
    shift[c] = (least <= most ? least : 0) - low * scale[c];
  }
}

mlp_Status mlpi_scaler_fit (const mlp_Tensor *x, mlpi_Scaling how, double low,
                            double high, mlp_Tensor **shift,
                            mlp_Tensor **scale) {
  size_t f = width(x);
  *shift = *scale = NULL;
  double *work = mlpi_calloc(x->rt, f, 2 * sizeof *work);
  if (work == NULL) return MLP_ENOMEM;
  mlp_Status s = mlpi_tensor_new(x->rt, MLP_FLOAT64, 1, &f, shift);
  if (s == MLP_OK) s = mlpi_tensor_new(x->rt, MLP_FLOAT64, 1, &f, scale);
  if (s != MLP_OK) {
    mlpi_tensor_release(*shift);
    *shift = NULL;
  } else if (how == MLPI_STANDARD) {
    standard(x, f, work, work + f, (*shift)->a.data, (*scale)->a.data);
  } else {
    min_max(x, f, work, (*shift)->a.data, (*scale)->a.data);
    spread(f, low, high, (*shift)->a.data, (*scale)->a.data);
  }
  mlpi_free(x->rt, work, 2 * f * sizeof *work);
  return s;
}

static mlp_Status check_fit (const mlp_Tensor *x, const mlp_Tensor *shift) {
  if (width(x) == shift->a.shape[0] && mlpi_is_real(x->a.dtype)) return MLP_OK;
  return mlpi_error(x->rt, MLP_ESHAPE,
                    "scaler: expected the %zu columns of floats it was fitted "
                    "to, got %zu of %s",
                    shift->a.shape[0], width(x), mlpi_dtype_name(x->a.dtype));
}

mlp_Status mlpi_scaler_apply (const mlp_Tensor *x, const mlp_Tensor *shift,
                              const mlp_Tensor *scale, bool inverse,
                              mlp_Tensor **out) {
  size_t f = width(x);
  const double *a = shift->a.data, *b = scale->a.data;
  *out = NULL;
  mlp_Status s = check_fit(x, shift);
  if (s != MLP_OK) return s;
  double *row = mlpi_calloc(x->rt, f, sizeof *row);
  if (row == NULL) return MLP_ENOMEM;
  s = mlpi_tensor_new(x->rt, x->a.dtype, x->a.ndim, x->a.shape, out);
  for (size_t i = 0; s == MLP_OK && i < x->a.shape[0]; i++) {
    read_row(x, i, f, row);
    for (size_t c = 0; c < f; c++)
      row[c] = inverse ? row[c] * b[c] + a[c] : (row[c] - a[c]) / b[c];
    write_row(*out, i, f, row);
  }
  mlpi_free(x->rt, row, f * sizeof *row);
  return s;
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
