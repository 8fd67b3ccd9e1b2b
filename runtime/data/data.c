/*
** data.c - datasets: rows of (x, y), their names, and rows taken from them.
*/
#include "data/data.h"
#include "base/pool.h"

#include <string.h>

static void free_names (mlp_Runtime *rt, size_t n, char **names) {
  if (names == NULL) return;
  for (size_t i = 0; i < n; i++) mlpi_strfree(rt, names[i]);
  mlpi_free(rt, names, n * sizeof *names);
}

static char **copy_names (mlp_Runtime *rt, size_t n, const char *const *names) {
  char **copy = mlpi_calloc(rt, n, sizeof *copy);
  for (size_t i = 0; copy != NULL && i < n; i++) {
    copy[i] = mlpi_strdup(rt, names[i]);
    if (copy[i] == NULL) {
      free_names(rt, n, copy);
      copy = NULL;
    }
  }
  return copy;
}

mlp_Status mlpi_dataset_name_classes (mlp_Dataset *d, size_t n,
                                      const char *const *names) {
  if (n != d->n_classes)
    return mlpi_error(d->rt, MLP_EARG,
                      "dataset: expected %zu class names, got %zu",
                      d->n_classes, n);
  char **copy = copy_names(d->rt, n, names);
  if (copy == NULL) return MLP_ENOMEM;
  free_names(d->rt, n, d->class_names);
  d->class_names = copy;
  return MLP_OK;
}

/* Columns of x: 1 where it has a single dimension. */
static size_t columns (const mlp_Tensor *x) {
  size_t n = 1;
  for (int i = 1; i < x->a.ndim; i++) n *= x->a.shape[i];
  return n;
}

mlp_Status mlpi_dataset_name_features (mlp_Dataset *d, size_t n,
                                       const char *const *names) {
  if (n != columns(d->x))
    return mlpi_error(d->rt, MLP_EARG,
                      "dataset: expected %zu feature names, got %zu",
                      columns(d->x), n);
  char **copy = copy_names(d->rt, n, names);
  if (copy == NULL) return MLP_ENOMEM;
  free_names(d->rt, d->n_features, d->feature_names);
  d->feature_names = copy;
  d->n_features = n;
  return MLP_OK;
}

static mlp_Status check_classes (mlp_Runtime *rt, const mlp_Tensor *y,
                                 size_t n_classes) {
  if (y->a.dtype != MLP_INT64 || y->a.ndim != 1)
    return mlpi_error(rt, MLP_ETYPE,
                      "dataset: expected classes as int64 of one dimension, "
                      "got %s of %d",
                      mlpi_dtype_name(y->a.dtype), y->a.ndim);
  for (size_t i = 0; i < y->a.shape[0]; i++) {
    int64_t c = ((const int64_t *)y->a.data)[(ptrdiff_t)i * y->a.stride[0]];
    if (c < 1 || (size_t)c > n_classes)
      return mlpi_error(rt, MLP_EARG,
                        "dataset: label %lld at row %zu; expected 1..%zu%s",
                        (long long)c, i + 1, n_classes,
                        c == 0 ? " (labels are 1-based; use y + 1)" : "");
  }
  return MLP_OK;
}

static mlp_Status check_parts (mlp_Runtime *rt, const mlp_Tensor *x,
                               const mlp_Tensor *y, size_t n_classes) {
  if (x->a.ndim == 0 || !mlpi_is_real(x->a.dtype))
    return mlpi_error(rt, MLP_ETYPE,
                      "dataset: expected x as rows of float32 or float64, got "
                      "%s of %d dimensions",
                      mlpi_dtype_name(x->a.dtype), x->a.ndim);
  if (y == NULL) return MLP_OK;
  if (y->a.ndim == 0 || y->a.shape[0] != x->a.shape[0])
    return mlpi_error(rt, MLP_ESHAPE,
                      "dataset: expected as many rows of y as of x (%zu), "
                      "got %zu",
                      x->a.shape[0], y->a.ndim == 0 ? 1 : y->a.shape[0]);
  if (n_classes > 0) return check_classes(rt, y, n_classes);
  if (y->a.dtype == x->a.dtype && y->a.ndim >= 2) return MLP_OK;
  return mlpi_error(rt, MLP_ETYPE,
                    "dataset: expected values y as rows of x's type %s, got "
                    "%s of %d dimensions",
                    mlpi_dtype_name(x->a.dtype), mlpi_dtype_name(y->a.dtype),
                    y->a.ndim);
}

mlp_Status mlpi_dataset_new (mlp_Runtime *rt, const char *name, mlp_Tensor *x,
                             mlp_Tensor *y, size_t n_classes,
                             mlp_Dataset **out) {
  *out = NULL;
  mlp_Status s = check_parts(rt, x, y, n_classes);
  if (s != MLP_OK) return s;
  mlp_Dataset *d = mlpi_alloc(rt, sizeof *d);
  if (d == NULL) return MLP_ENOMEM;
  *d = (mlp_Dataset){ .rt = rt, .refs = 1, .n_classes = n_classes };
  if (name != NULL && (d->name = mlpi_strdup(rt, name)) == NULL) {
    mlpi_free(rt, d, sizeof *d);
    return MLP_ENOMEM;
  }
  d->x = mlpi_tensor_retain(x);
  d->y = mlpi_tensor_retain(y);
  *out = d;
  return MLP_OK;
}

mlp_Status mlpi_dataset_with (const mlp_Dataset *d, mlp_Tensor *x,
                              mlp_Tensor *y, mlp_Dataset **out) {
  mlp_Status s = mlpi_dataset_new(d->rt, d->name, x, y, d->n_classes, out);
  if (s == MLP_OK && d->class_names != NULL)
    s = mlpi_dataset_name_classes(*out, d->n_classes,
                                  (const char *const *)d->class_names);
  if (s == MLP_OK && d->feature_names != NULL && columns(x) == d->n_features)
    s = mlpi_dataset_name_features(*out, d->n_features,
                                   (const char *const *)d->feature_names);
  if (s == MLP_OK) return MLP_OK;
  mlpi_dataset_release(*out);
  *out = NULL;
  return s;
}

mlp_Dataset *mlpi_dataset_retain (mlp_Dataset *d) {
  if (d != NULL) d->refs++;
  return d;
}

void mlpi_dataset_release (mlp_Dataset *d) {
  if (d == NULL || --d->refs > 0) return;
  mlpi_tensor_release(d->x);
  mlpi_tensor_release(d->y);
  mlpi_strfree(d->rt, d->name);
  free_names(d->rt, d->n_classes, d->class_names);
  free_names(d->rt, d->n_features, d->feature_names);
  mlpi_free(d->rt, d, sizeof *d);
}

size_t mlpi_dataset_rows (const mlp_Dataset *d) { return d->x->a.shape[0]; }

void mlpi_dataset_class_counts (const mlp_Dataset *d, size_t *count) {
  memset(count, 0, d->n_classes * sizeof *count);
  for (size_t i = 0; i < mlpi_dataset_rows(d); i++)
    count[(size_t)mlpi_get(&d->y->a, i) - 1]++;
}

void mlpi_shuffle_order (const mlp_Runtime *rt, uint64_t epoch, size_t n,
                         size_t *order) {
  mlpi_Stream s = mlpi_stream(rt->seed, 0, 0, MLPI_FOR_SHUFFLE, epoch);
  mlpi_permutation(&s, n, order);
}

enum { AHEAD = 2 }; /* rows */

/* Ask for a row that is needed soon. */
static inline void fetch (const char *row, size_t size) {
  for (size_t i = 0; i < size; i += 64) __builtin_prefetch(row + i);
}

/* Rows of 'size' bytes, 'step' bytes apart. A constant size is inlined. Rows in
** random order are far from each other: the next one is on its way while one is
** copied. n of them here, 'left' with those that follow, mostly on this thread.
*/
static inline void gather (const char *from, ptrdiff_t step, size_t size,
                           size_t n, size_t left, const size_t *rows,
                           char *to) {
  for (size_t i = 0; i < n; i++, to += size) {
    if (i + AHEAD < left && size > 64)
      fetch(from + (ptrdiff_t)rows[i + AHEAD] * step, size);
    memcpy(to, from + (ptrdiff_t)rows[i] * step, size);
  }
}

static void gather_strided (const mlpi_Array *a, size_t size, size_t n,
                            const size_t *rows, char *to) {
  mlpi_Array row = { .dtype = a->dtype, .ndim = a->ndim - 1 };
  memcpy(row.shape, a->shape + 1, (size_t)row.ndim * sizeof *row.shape);
  mlpi_Array flat = row;
  mlpi_set_strides(&flat);
  memcpy(row.stride, a->stride + 1, (size_t)row.ndim * sizeof *row.stride);
  ptrdiff_t step = a->stride[0] * (ptrdiff_t)mlpi_dtype_size(a->dtype);
  for (size_t i = 0; i < n; i++, to += size) {
    row.data = (char *)a->data + (ptrdiff_t)rows[i] * step;
    flat.data = to;
    mlpi_array_copy(&row, &flat);
  }
}

/* What is gathered, and how it is cut for many threads. */
typedef struct Gather {
  const mlpi_Array *a;
  size_t size;        /* bytes of a row */
  ptrdiff_t step;     /* bytes from row to row */
  bool plain;         /* no gaps within a row */
  size_t n, together; /* rows; of a tile */
  const size_t *rows;
  char *to;
} Gather;

static void gather_tile (void *ud, size_t tile) {
  const Gather *k = ud;
  const size_t at = tile * k->together, left = k->n - at;
  const size_t n = left < k->together ? left : k->together;
  const size_t *rows = k->rows + at;
  char *to = k->to + at * k->size;
  if (!k->plain)
    gather_strided(k->a, k->size, n, rows, to);
  else if (k->size == 8)
    gather(k->a->data, k->step, 8, n, left, rows, to);
  else if (k->size == 4)
    gather(k->a->data, k->step, 4, n, left, rows, to);
  else
    gather(k->a->data, k->step, k->size, n, left, rows, to);
}

enum { PART = 1 << 14, SHARED = 1 << 16 }; /* bytes; of all, worth it */

void mlpi_gather_rows (const mlp_Tensor *t, size_t n, const size_t *rows,
                       void *to) {
  const mlpi_Array *a = &t->a;
  size_t size = mlpi_dtype_size(a->dtype), count = 1;
  Gather k = { .a = a, .plain = true, .n = n, .rows = rows, .to = to };
  for (int d = a->ndim - 1; d > 0; count *= a->shape[d--])
    k.plain &= a->shape[d] == 1 || a->stride[d] == (ptrdiff_t)count;
  k.step = a->stride[0] * (ptrdiff_t)size;
  k.size = size * count;
  if (n == 0 || k.size == 0) return;
  k.together = n * k.size < SHARED ? n : (PART - 1) / k.size + 1;
  if (k.together == n)
    gather_tile(&k, 0);
  else
    mlpi_parallel(t->rt, (n + k.together - 1) / k.together, gather_tile, &k);
}

mlp_Status mlpi_take_rows (const mlp_Tensor *t, size_t n, const size_t *rows,
                           mlp_Tensor **out) {
  size_t shape[MLP_MAXDIM];
  memcpy(shape, t->a.shape, sizeof shape);
  shape[0] = n;
  mlp_Status s = mlpi_tensor_new(t->rt, t->a.dtype, t->a.ndim, shape, out);
  if (s == MLP_OK) mlpi_gather_rows(t, n, rows, (*out)->a.data);
  return s;
}

mlp_Status mlpi_dataset_rows_new (mlp_Dataset *d, size_t n, const size_t *rows,
                                  mlp_Dataset **out) {
  mlp_Tensor *x, *y = NULL;
  *out = NULL;
  mlp_Status s = mlpi_take_rows(d->x, n, rows, &x);
  if (s == MLP_OK && d->y != NULL) s = mlpi_take_rows(d->y, n, rows, &y);
  if (s == MLP_OK) s = mlpi_dataset_with(d, x, y, out);
  mlpi_tensor_release(x);
  mlpi_tensor_release(y);
  return s;
}
