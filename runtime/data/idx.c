/*
** idx.c - the files of MNIST: a magic number, sizes, then big-endian
** elements. LeCun, Cortes & Burges, "The MNIST database", file formats.
*/
#include "data/load.h"
#include "base/io.h"
#include "base/text.h"

#include <string.h>

typedef struct Idx {
  mlp_Runtime *rt;
  const char *path;
  const unsigned char *data;
  size_t n;
} Idx;

static mlp_Status format_error (const Idx *f, size_t offset, const char *what) {
  char path[MLPI_QUOTED];
  return mlpi_about(f->rt, f->path,
                    mlpi_error(f->rt, MLP_EFORMAT, "idx: %s, offset %zu: %s",
                               mlpi_quote(f->path, path), offset, what));
}

/* An unsigned number of 'size' bytes, the highest first. */
static uint64_t big_endian (const unsigned char *p, size_t size) {
  uint64_t v = 0;
  for (size_t i = 0; i < size; i++) v = v << 8 | p[i];
  return v;
}

typedef struct Type {
  unsigned char code;
  size_t size; /* of an element in the file */
  mlp_Dtype dtype;
} Type;

static const Type *find_type (unsigned char code) {
  static const Type types[] = {
    { 0x08, 1, MLP_UINT8 }, { 0x09, 1, MLP_INT64 },   { 0x0b, 2, MLP_INT64 },
    { 0x0c, 4, MLP_INT64 }, { 0x0d, 4, MLP_FLOAT32 }, { 0x0e, 8, MLP_FLOAT64 }
  };
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (types[i].code == code) return &types[i];
  return NULL;
}

static void decode (const Type *type, const unsigned char *p, size_t n,
                    void *to) {
  if (type->size == 1 && type->dtype == MLP_UINT8) {
    memcpy(to, p, n);
    return;
  }
  unsigned unused = 64 - 8 * (unsigned)type->size;
  for (size_t i = 0; i < n; i++, p += type->size) {
    uint64_t v = big_endian(p, type->size);
    uint32_t v32 = (uint32_t)v;
    if (type->dtype == MLP_FLOAT32)
      memcpy((float *)to + i, &v32, 4);
    else if (type->dtype == MLP_FLOAT64)
      memcpy((double *)to + i, &v, 8);
    else
      ((int64_t *)to)[i] = (int64_t)(v << unused) >> unused;
  }
}

/* The header: *type, shape[0..*ndim), and the size of the file that follows
** from them. */
static mlp_Status header (const Idx *f, const Type **type, size_t *shape,
                          int *ndim) {
  if (f->n < 4)
    return format_error(f, f->n, "the file ends in its first 4 bytes");
  if (f->data[0] != 0 || f->data[1] != 0)
    return format_error(f, 0, "expected two zero bytes; this is no IDX file");
  *type = find_type(f->data[2]);
  if (*type == NULL)
    return format_error(f, 2, "expected an element type of 8, 9 or 11 to 14");
  *ndim = f->data[3];
  if (*ndim < 1 || *ndim > MLP_MAXDIM)
    return format_error(f, 3, "expected 1 to 8 dimensions");
  size_t start = 4 + 4 * (size_t)*ndim, bytes = (*type)->size;
  if (f->n < start) return format_error(f, f->n, "the file ends in its sizes");
  for (int i = 0; i < *ndim; i++) {
    shape[i] = (size_t)big_endian(f->data + 4 + 4 * i, 4);
    if (!mlpi_mul(bytes, shape[i], &bytes))
      return format_error(f, 4 + 4 * (size_t)i, "the sizes are too large");
  }
  if (f->n - start < bytes)
    return format_error(f, f->n, "the file ends before its last element");
  if (f->n - start > bytes)
    return format_error(f, start + bytes, "bytes behind the last element");
  return MLP_OK;
}

mlp_Status mlpi_load_idx (mlp_Runtime *rt, const char *path, mlp_Tensor **out) {
  Idx f = { .rt = rt, .path = path };
  size_t shape[MLP_MAXDIM];
  const Type *type = NULL;
  char *data;
  int ndim = 0;
  *out = NULL;
  mlp_Status s = mlpi_read_gzip(rt, "idx", path, 0, &data, &f.n);
  if (s != MLP_OK) return s;
  f.data = (const unsigned char *)data;
  s = header(&f, &type, shape, &ndim);
  if (s == MLP_OK) s = mlpi_tensor_new(rt, type->dtype, ndim, shape, out);
  if (s == MLP_OK)
    decode(type, f.data + 4 + 4 * ndim, mlpi_count(&(*out)->a), (*out)->a.data);
  mlpi_free(rt, data, f.n + 1);
  return s;
}

/* The type of the file's elements for an array; NULL: there is none. */
static const Type *type_for (const mlpi_Array *a) {
  switch (a->dtype) {
  case MLP_UINT8:
    return find_type(0x08);
  case MLP_INT64:
    return find_type(0x0c);
  case MLP_FLOAT32:
    return find_type(0x0d);
  default:
    return find_type(0x0e);
  }
}

static void put_big_endian (unsigned char *p, size_t size, uint64_t v) {
  for (size_t i = size; i-- > 0; v >>= 8) p[i] = (unsigned char)v;
}

/* Element i as the bits that the file has; false: it does not fit. */
static bool encode (const mlpi_Array *a, size_t i, unsigned char *p,
                    size_t size) {
  const char *at = (const char *)a->data + i * mlpi_dtype_size(a->dtype);
  uint64_t v = 0;
  uint32_t half;
  int64_t whole = 0;
  if (a->dtype == MLP_UINT8) {
    v = *(const unsigned char *)at;
  } else if (a->dtype == MLP_FLOAT32) {
    memcpy(&half, at, sizeof half);
    v = half;
  } else {
    memcpy(&v, at, sizeof v);
    if (a->dtype == MLP_INT64) memcpy(&whole, at, sizeof whole);
  }
  put_big_endian(p, size, v);
  return whole == (int32_t)whole;
}

/* 'a' has no gaps. */
static mlp_Status encode_all (mlp_Runtime *rt, const mlpi_Array *a,
                              const Type *type, unsigned char *to) {
  const size_t n = mlpi_count(a);
  for (size_t i = 0; i < n; i++)
    if (!encode(a, i, to + i * type->size, type->size))
      return mlpi_error(rt, MLP_EARG,
                        "save_idx: element %zu: expected a whole number of 32 "
                        "bits, the most that the format has",
                        i + 1);
  return MLP_OK;
}

mlp_Status mlpi_save_idx (mlp_Runtime *rt, const char *path,
                          const mlpi_Array *a) {
  const Type *type = type_for(a);
  const size_t start = 4 + 4 * (size_t)a->ndim;
  const size_t n = start + mlpi_count(a) * type->size;
  char text[MLPI_SHAPE_TEXT];
  if (a->ndim == 0 || !mlpi_contiguous(a))
    return mlpi_error(rt, MLP_ESHAPE,
                      "save_idx: expected 1 to 8 dimensions without gaps, got "
                      "%s",
                      mlpi_shape_text(a->ndim, a->shape, text));
  unsigned char *data = mlpi_alloc(rt, n);
  if (data == NULL) return MLP_ENOMEM;
  data[0] = data[1] = 0;
  data[2] = type->code;
  data[3] = (unsigned char)a->ndim;
  for (int i = 0; i < a->ndim; i++)
    put_big_endian(data + 4 + 4 * i, 4, a->shape[i]);
  mlp_Status s = encode_all(rt, a, type, data + start);
  if (s == MLP_OK) s = mlpi_write_file(rt, "save_idx", path, data, n);
  mlpi_free(rt, data, n);
  return s;
}

static mlp_Status expect_bytes (const Idx *f, const mlp_Tensor *t, int ndim) {
  char path[MLPI_QUOTED], text[MLPI_SHAPE_TEXT];
  if (t->a.dtype == MLP_UINT8 && t->a.ndim == ndim) return MLP_OK;
  return mlpi_about(
      f->rt, f->path,
      mlpi_error(f->rt, MLP_EFORMAT,
                 "idx: %s: expected uint8 of %d dimensions, got %s %s",
                 mlpi_quote(f->path, path), ndim, mlpi_dtype_name(t->a.dtype),
                 mlpi_shape_text(t->a.ndim, t->a.shape, text)));
}

/* x (n, pixels) = bytes / 255. */
static mlp_Status pixels (const Idx *f, mlp_Tensor **x) {
  float level[256];
  mlp_Tensor *t;
  mlp_Status s = mlpi_load_idx(f->rt, f->path, &t);
  if (s == MLP_OK) s = expect_bytes(f, t, 3);
  if (s == MLP_OK) {
    size_t shape[] = { t->a.shape[0], t->a.shape[1] * t->a.shape[2] };
    s = mlpi_tensor_new(f->rt, MLP_FLOAT32, 2, shape, x);
  }
  for (int i = 0; i < 256; i++) level[i] = (float)i / 255;
  if (s == MLP_OK) {
    const size_t n = mlpi_count(&t->a);
    const uint8_t *from = t->a.data;
    float *to = (*x)->a.data;
    for (size_t i = 0; i < n; i++) to[i] = level[from[i]];
  }
  mlpi_tensor_release(t);
  return s;
}

/* y (n) = labels + 1. */
static mlp_Status classes (const Idx *f, size_t k, mlp_Tensor **y) {
  mlp_Tensor *t;
  mlp_Status s = mlpi_load_idx(f->rt, f->path, &t);
  if (s == MLP_OK) s = expect_bytes(f, t, 1);
  if (s == MLP_OK) s = mlpi_tensor_new(f->rt, MLP_INT64, 1, t->a.shape, y);
  for (size_t i = 0; s == MLP_OK && i < t->a.shape[0]; i++) {
    uint8_t label = ((const uint8_t *)t->a.data)[i];
    if (label >= k) s = format_error(f, 8 + i, "a label beyond the last class");
    ((int64_t *)(*y)->a.data)[i] = label + 1;
  }
  mlpi_tensor_release(t);
  return s;
}

mlp_Status mlpi_load_images (mlp_Runtime *rt, const char *name,
                             const char *images, const char *labels,
                             size_t n_classes, const char *const *class_names,
                             mlp_Dataset **out) {
  Idx fx = { .rt = rt, .path = images }, fy = { .rt = rt, .path = labels };
  mlp_Tensor *x = NULL, *y = NULL;
  char path[MLPI_QUOTED];
  *out = NULL;
  mlp_Status s = pixels(&fx, &x);
  if (s == MLP_OK) s = classes(&fy, n_classes, &y);
  if (s == MLP_OK && x->a.shape[0] != y->a.shape[0])
    s = mlpi_about(
        rt, labels,
        mlpi_error(rt, MLP_EFORMAT, "idx: %s: expected %zu labels, got %zu",
                   mlpi_quote(labels, path), x->a.shape[0], y->a.shape[0]));
  if (s == MLP_OK) s = mlpi_dataset_new(rt, name, x, y, n_classes, out);
  if (s == MLP_OK) s = mlpi_dataset_name_classes(*out, n_classes, class_names);
  mlpi_tensor_release(x);
  mlpi_tensor_release(y);
  if (s == MLP_OK) return MLP_OK;
  mlpi_dataset_release(*out);
  *out = NULL;
  return s;
}
