/*
** array.c - shapes and strides; element access and copies for any dtype.
*/
#include "tensor/tensor.h"
#include "base/sha256.h"

#include <stdio.h>
#include <string.h>

size_t mlpi_dtype_size (mlp_Dtype dtype) {
  static const size_t size[] = { 4, 8, 8, 1 };
  return size[dtype];
}

const char *mlpi_dtype_name (mlp_Dtype dtype) {
  static const char *const name[] = { "float32", "float64", "int64", "uint8" };
  return name[dtype];
}

size_t mlpi_count (const mlpi_Array *a) {
  size_t n = 1;
  for (int i = 0; i < a->ndim; i++) n *= a->shape[i];
  return n;
}

void mlpi_set_strides (mlpi_Array *a) {
  ptrdiff_t step = 1;
  for (int i = a->ndim - 1; i >= 0; i--) {
    a->stride[i] = step;
    step *= (ptrdiff_t)a->shape[i];
  }
}

bool mlpi_contiguous (const mlpi_Array *a) {
  ptrdiff_t step = 1;
  for (int i = a->ndim - 1; i >= 0; i--) {
    if (a->shape[i] != 1 && a->stride[i] != step) return false;
    step *= (ptrdiff_t)a->shape[i];
  }
  return true;
}

bool mlpi_same_shape (const mlpi_Array *a, const mlpi_Array *b) {
  if (a->ndim != b->ndim) return false;
  for (int i = 0; i < a->ndim; i++)
    if (a->shape[i] != b->shape[i]) return false;
  return true;
}

char *mlpi_shape_text (int ndim, const size_t *shape, char *buf) {
  int n = snprintf(buf, MLPI_SHAPE_TEXT, "(");
  for (int i = 0; i < ndim; i++)
    n += snprintf(buf + n, (size_t)(MLPI_SHAPE_TEXT - n), "%s%zu",
                  i > 0 ? ", " : "", shape[i]);
  snprintf(buf + n, (size_t)(MLPI_SHAPE_TEXT - n), "%s)", ndim == 1 ? "," : "");
  return buf;
}

mlp_Status mlpi_array_init (mlp_Runtime *rt, const char *who, mlpi_Array *a,
                            mlp_Dtype dtype, int ndim, const size_t *shape) {
  char text[MLPI_SHAPE_TEXT];
  if (ndim < 0 || ndim > MLP_MAXDIM)
    return mlpi_error(rt, MLP_ESHAPE,
                      "%s: expected at most %d dimensions, got %d", who,
                      MLP_MAXDIM, ndim);
  *a = (mlpi_Array){ .dtype = dtype, .ndim = ndim };
  size_t n = 1, bytes;
  bool ok = true; /* even where a size is 0: the strides must fit, too */
  for (int i = 0; i < ndim; i++) {
    a->shape[i] = shape[i];
    if (shape[i] > 0) ok = ok && mlpi_mul(n, shape[i], &n);
  }
  ok =
      ok && mlpi_mul(n, mlpi_dtype_size(dtype), &bytes) && bytes <= PTRDIFF_MAX;
  if (!ok)
    return mlpi_error(rt, MLP_ESHAPE, "%s: shape %s has too many elements", who,
                      mlpi_shape_text(ndim, shape, text));
  mlpi_set_strides(a);
  return MLP_OK;
}

/* The offset of element i (row-major order) of an array of any strides. */
static ptrdiff_t offset (const mlpi_Array *a, size_t i) {
  ptrdiff_t at = 0;
  for (int d = a->ndim - 1; d >= 0; d--) {
    at += (ptrdiff_t)(i % a->shape[d]) * a->stride[d];
    i /= a->shape[d];
  }
  return at;
}

double mlpi_get (const mlpi_Array *a, size_t i) {
  ptrdiff_t at = offset(a, i);
  switch (a->dtype) {
  case MLP_FLOAT32:
    return ((const float *)a->data)[at];
  case MLP_FLOAT64:
    return ((const double *)a->data)[at];
  case MLP_INT64:
    return (double)((const int64_t *)a->data)[at];
  case MLP_UINT8:
    return ((const uint8_t *)a->data)[at];
  }
  return 0;
}

int64_t mlpi_get_integer (const mlpi_Array *a, size_t i) {
  ptrdiff_t at = offset(a, i);
  return a->dtype == MLP_INT64 ? ((const int64_t *)a->data)[at]
                               : ((const uint8_t *)a->data)[at];
}

void mlpi_set (const mlpi_Array *a, size_t i, double value) {
  ptrdiff_t at = offset(a, i);
  switch (a->dtype) {
  case MLP_FLOAT32:
    ((float *)a->data)[at] = (float)value;
    break;
  case MLP_FLOAT64:
    ((double *)a->data)[at] = value;
    break;
  case MLP_INT64:
    ((int64_t *)a->data)[at] = (int64_t)value;
    break;
  case MLP_UINT8:
    ((uint8_t *)a->data)[at] = (uint8_t)value;
    break;
  }
}

/* Copy one row of n elements between strides. */
static void copy_row (size_t size, size_t n, char *to, ptrdiff_t ts,
                      const char *from, ptrdiff_t fs) {
  if (ts == 1 && fs == 1) {
    memcpy(to, from, n * size);
    return;
  }
  ts *= (ptrdiff_t)size, fs *= (ptrdiff_t)size;
  for (size_t i = 0; i < n; i++, to += ts, from += fs) memcpy(to, from, size);
}

void mlpi_array_copy (const mlpi_Array *from, const mlpi_Array *to) {
  size_t size = mlpi_dtype_size(from->dtype), n = mlpi_count(from);
  if (n == 0) return;
  if (mlpi_contiguous(from) && mlpi_contiguous(to)) {
    memmove(to->data, from->data, n * size);
    return;
  }
  int last = from->ndim - 1;
  size_t row = from->shape[last];
  for (size_t i = 0; i < n; i += row)
    copy_row(size, row, (char *)to->data + offset(to, i) * (ptrdiff_t)size,
             to->stride[last],
             (const char *)from->data + offset(from, i) * (ptrdiff_t)size,
             from->stride[last]);
}

void mlpi_array_hash (const mlpi_Array *a, int count, char hex[65]) {
  mlpi_Sha256 h;
  unsigned char digest[32];
  mlpi_sha256_init(&h);
  for (int k = 0; k < count; k++) {
    size_t n = mlpi_count(&a[k]), size = mlpi_dtype_size(a[k].dtype);
    if (mlpi_contiguous(&a[k]))
      mlpi_sha256_update(&h, a[k].data, n * size);
    else
      for (size_t i = 0; i < n; i++)
        mlpi_sha256_update(
            &h, (char *)a[k].data + offset(&a[k], i) * (ptrdiff_t)size, size);
  }
  mlpi_sha256_final(&h, digest);
  for (int i = 0; i < 64; i++)
    hex[i] = "0123456789abcdef"[digest[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15];
  hex[64] = '\0';
}
