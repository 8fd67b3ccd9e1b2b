/*
** tensor.c - storage, tensors, views.
*/
#include "tensor/tensor.h"

#include <string.h>

enum { ALIGN = 64 };

mlp_Status mlpi_storage_new (mlp_Runtime *rt, size_t bytes,
                             mlpi_Storage **out) {
  *out = NULL;
  mlpi_Storage *s = mlpi_alloc(rt, sizeof *s);
  if (s == NULL) return MLP_ENOMEM;
  *s = (mlpi_Storage){ .rt = rt, .refs = 1, .bytes = bytes };
  s->block = bytes > PTRDIFF_MAX - ALIGN ? NULL : mlpi_alloc(rt, bytes + ALIGN);
  if (s->block == NULL) {
    mlpi_free(rt, s, sizeof *s);
    return MLP_ENOMEM;
  }
  uintptr_t p = (uintptr_t)s->block;
  s->data = (char *)s->block + (ALIGN - p % ALIGN) % ALIGN;
  *out = s;
  return MLP_OK;
}

void mlpi_storage_release (mlpi_Storage *s) {
  if (s == NULL || --s->refs > 0) return;
  if (s->block != NULL)
    mlpi_free(s->rt, s->block, s->bytes + ALIGN);
  else if (s->release != NULL)
    s->release(s->ud, s->data);
  mlpi_free(s->rt, s, sizeof *s);
}

static mlp_Status blank (mlp_Runtime *rt, const mlpi_Array *a,
                         mlp_Tensor **out) {
  mlp_Tensor *t = *out = mlpi_alloc(rt, sizeof *t);
  if (t == NULL) return MLP_ENOMEM;
  *t = (mlp_Tensor){ .rt = rt, .refs = 1, .a = *a };
  return MLP_OK;
}

mlp_Status mlpi_tensor_unbacked (mlp_Runtime *rt, mlp_Dtype dtype, int ndim,
                                 const size_t *shape, mlp_Tensor **out) {
  mlpi_Array a;
  *out = NULL;
  mlp_Status s = mlpi_array_init(rt, "tensor", &a, dtype, ndim, shape);
  return s != MLP_OK ? s : blank(rt, &a, out);
}

mlp_Status mlpi_tensor_new (mlp_Runtime *rt, mlp_Dtype dtype, int ndim,
                            const size_t *shape, mlp_Tensor **out) {
  mlp_Tensor *t;
  *out = NULL;
  mlp_Status s = mlpi_tensor_unbacked(rt, dtype, ndim, shape, &t);
  if (s != MLP_OK) return s;
  size_t bytes = mlpi_count(&t->a) * mlpi_dtype_size(dtype);
  s = mlpi_storage_new(rt, bytes, &t->storage);
  if (s != MLP_OK) {
    mlpi_tensor_release(t);
    return s;
  }
  t->a.data = t->storage->data;
  *out = t;
  return MLP_OK;
}

mlp_Status mlpi_tensor_view (mlp_Tensor *t, const mlpi_Array *a,
                             mlp_Tensor **out) {
  mlp_Status s = blank(t->rt, a, out);
  if (s != MLP_OK) return s;
  (*out)->storage = t->storage;
  if (t->storage != NULL) t->storage->refs++;
  return MLP_OK;
}

mlp_Status mlpi_tensor_wrap (mlp_Runtime *rt, void *data, mlp_Dtype dtype,
                             int ndim, const size_t *shape,
                             void (*release)(void *ud, void *data), void *ud,
                             mlp_Tensor **out) {
  mlp_Tensor *t;
  *out = NULL;
  mlp_Status s = mlpi_tensor_unbacked(rt, dtype, ndim, shape, &t);
  if (s != MLP_OK) return s;
  mlpi_Storage *m = mlpi_alloc(rt, sizeof *m);
  if (m == NULL) {
    mlpi_tensor_release(t);
    return MLP_ENOMEM;
  }
  size_t bytes = mlpi_count(&t->a) * mlpi_dtype_size(dtype);
  *m = (mlpi_Storage){ .rt = rt,
                       .refs = 1,
                       .bytes = bytes,
                       .data = data,
                       .release = release,
                       .ud = ud };
  t->storage = m;
  t->a.data = data;
  *out = t;
  return MLP_OK;
}

void mlpi_tensor_attach (mlp_Tensor *t, mlpi_Storage *s, size_t offset) {
  s->refs++;
  mlpi_storage_release(t->storage);
  t->storage = s;
  t->a.data = (char *)s->data + offset;
}

mlp_Tensor *mlpi_tensor_retain (mlp_Tensor *t) {
  if (t != NULL) t->refs++;
  return t;
}

void mlpi_tensor_release (mlp_Tensor *t) {
  if (t == NULL || --t->refs > 0) return;
  mlpi_storage_release(t->storage);
  mlpi_tensor_release(t->grad);
  if (t->node != NULL) mlpi_node_release(t->node);
  mlpi_free(t->rt, t, sizeof *t);
}
