/*
** embed_tensor.c - tensors of the host's.
*/
#include "host/embed.h"

#include <string.h>

static mlp_Status check (mlp_Runtime *rt, mlp_Dtype dtype, int ndim,
                         const size_t *shape) {
  if ((int)dtype < MLP_FLOAT32 || (int)dtype > MLP_UINT8)
    return mlpi_error(rt, MLP_ETYPE, "tensor: expected a type, got %d",
                      (int)dtype);
  if (ndim > 0 && shape == NULL)
    return mlpi_error(rt, MLP_EARG, "tensor: expected a shape, got NULL");
  return MLP_OK;
}

static mlp_Status make (mlp_Runtime *rt, mlp_Dtype dtype, int ndim,
                        const size_t *shape, const void *data,
                        mlp_Tensor **out) {
  mlp_Status s = check(rt, dtype, ndim, shape);
  if (s == MLP_OK) s = mlpi_tensor_new(rt, dtype, ndim, shape, out);
  if (s != MLP_OK) return s;
  size_t n = mlpi_count(&(*out)->a) * mlpi_dtype_size(dtype);
  if (data == NULL)
    memset((*out)->a.data, 0, n);
  else
    memcpy((*out)->a.data, data, n);
  return MLP_OK;
}

mlp_Status mlp_tensor_new (mlp_Runtime *rt, mlp_Dtype dtype, int ndim,
                           const size_t *shape, const void *data,
                           mlp_Tensor **out) {
  bool inside;
  if (out == NULL) return MLP_EARG;
  *out = NULL;
  mlp_Status s = mlpi_enter_any(rt, &inside);
  if (s != MLP_OK) return s;
  return mlpi_leave_any(rt, inside, make(rt, dtype, ndim, shape, data, out));
}

static mlp_Status wrap (mlp_Runtime *rt, void *data, mlp_Dtype dtype, int ndim,
                        const size_t *shape,
                        void (*release)(void *ud, void *data), void *ud,
                        mlp_Tensor **out) {
  bool inside;
  if (out == NULL) return MLP_EARG;
  *out = NULL;
  mlp_Status s = mlpi_enter_any(rt, &inside);
  if (s != MLP_OK) return s;
  s = check(rt, dtype, ndim, shape);
  if (s == MLP_OK &&
      (data == NULL || (uintptr_t)data % mlpi_dtype_size(dtype) != 0))
    s = mlpi_error(rt, MLP_EARG,
                   "tensor_wrap: expected memory aligned to %zu bytes, got %s",
                   mlpi_dtype_size(dtype), data == NULL ? "NULL" : "less");
  if (s == MLP_OK)
    s = mlpi_tensor_wrap(rt, data, dtype, ndim, shape, release, ud, out);
  return mlpi_leave_any(rt, inside, s);
}

mlp_Status mlp_tensor_wrap (mlp_Runtime *rt, void *data, mlp_Dtype dtype,
                            int ndim, const size_t *shape,
                            void (*release)(void *ud, void *data), void *ud,
                            mlp_Tensor **out) {
  mlp_Status s = wrap(rt, data, dtype, ndim, shape, release, ud, out);
  if (s != MLP_OK && release != NULL) release(ud, data);
  return s;
}

mlp_Status mlp_tensor_data (mlp_Tensor *t, void **data) {
  bool inside;
  if (data == NULL) return MLP_EARG;
  *data = NULL;
  mlp_Status s = mlpi_enter_any(t == NULL ? NULL : t->rt, &inside);
  if (s != MLP_OK) return s;
  if (t->a.data == NULL || !mlpi_contiguous(&t->a))
    s = mlpi_error(t->rt, MLP_ESTATE,
                   "tensor_data: expected a tensor whose elements lie without "
                   "gaps; use mlp_tensor_read");
  else
    *data = t->a.data;
  return mlpi_leave_any(t->rt, inside, s);
}

static mlp_Status read_all (const mlp_Tensor *t, void *to, size_t bytes) {
  mlpi_Array into = t->a;
  size_t n = mlpi_count(&t->a) * mlpi_dtype_size(t->a.dtype);
  if (t->a.data == NULL)
    return mlpi_error(t->rt, MLP_ESTATE,
                      "tensor_read: expected a tensor with values");
  if (bytes < n || to == NULL)
    return mlpi_error(t->rt, MLP_EARG,
                      "tensor_read: expected room for %zu bytes, got %zu", n,
                      to == NULL ? 0 : bytes);
  mlpi_set_strides(&into);
  into.data = to;
  mlpi_array_copy(&t->a, &into);
  return MLP_OK;
}

mlp_Status mlp_tensor_read (mlp_Tensor *t, void *to, size_t bytes) {
  bool inside;
  mlp_Status s = mlpi_enter_any(t == NULL ? NULL : t->rt, &inside);
  if (s != MLP_OK) return s;
  return mlpi_leave_any(t->rt, inside, read_all(t, to, bytes));
}

mlp_Dtype mlp_tensor_dtype (const mlp_Tensor *t) {
  return t == NULL ? MLP_FLOAT32 : t->a.dtype;
}

int mlp_tensor_ndim (const mlp_Tensor *t) { return t == NULL ? 0 : t->a.ndim; }

const size_t *mlp_tensor_shape (const mlp_Tensor *t) {
  return t == NULL ? NULL : t->a.shape;
}

mlp_Tensor *mlp_tensor_retain (mlp_Tensor *t) {
  bool inside;
  if (mlpi_enter_any(t == NULL ? NULL : t->rt, &inside) != MLP_OK) return NULL;
  mlpi_tensor_retain(t);
  mlpi_leave_any(t->rt, inside, MLP_OK);
  return t;
}

void mlp_tensor_release (mlp_Tensor *t) {
  bool inside;
  mlp_Runtime *rt = t == NULL ? NULL : t->rt;
  if (mlpi_enter_any(rt, &inside) != MLP_OK) return;
  mlpi_tensor_release(t);
  mlpi_leave_any(rt, inside, MLP_OK);
}
