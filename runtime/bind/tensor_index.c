/*
** tensor_index.c - t[i], t[{ 2, {1, 3}, {} }], t[mask], and their assignment.
** Indices are 1-based, -1 is the last; ranges include both ends; as Torch7.
*/
#include "bind/tensor.h"

#include <string.h>

static void out_of_range (lua_State *L, lua_Integer i, size_t n, int d) {
  mlpi_raise(L, MLP_EARG,
             "index %lld is out of range [1, %zu] of dimension %d%s",
             (long long)i, n, d + 1, i == 0 ? " (indices are 1-based)" : "");
}

/* The index at the top of the stack, 0-based, for dimension d of size n. */
static size_t to_index (lua_State *L, size_t n, int d) {
  int ok;
  lua_Integer i = lua_tointegerx(L, -1, &ok);
  if (!ok || lua_type(L, -1) != LUA_TNUMBER)
    mlpi_raise(L, MLP_EARG, "index: expected a whole number, got %s",
               mlpi_got(L, -1));
  lua_Integer at = i < 0 ? i + (lua_Integer)n : i - 1;
  if (i == 0 || at < 0 || (size_t)at >= n) out_of_range(L, i, n, d);
  return (size_t)at;
}

/* The range { first, last }, { only } or {} on top, 0-based, *last included. */
static void to_range (lua_State *L, size_t n, int d, size_t *first,
                      size_t *last) {
  *first = 0;
  *last = n - 1;
  if (lua_rawlen(L, -1) == 0) return;
  if (lua_rawlen(L, -1) > 2)
    mlpi_raise(L, MLP_EARG,
               "index: expected a range { first, last } in dimension %d, got "
               "%d numbers; t:gather_rows({ 1, 3, 2 }, %d) picks them",
               d + 1, (int)lua_rawlen(L, -1), d + 1);
  lua_rawgeti(L, -1, 1);
  *first = to_index(L, n, d);
  lua_pop(L, 1);
  if (lua_rawgeti(L, -1, 2) == LUA_TNIL)
    *last = *first;
  else
    *last = to_index(L, n, d);
  lua_pop(L, 1);
  if (*last < *first)
    mlpi_raise(L, MLP_EARG,
               "index: expected first <= last, got {%d, %d} in dimension %d",
               (int)*first + 1, (int)*last + 1, d + 1);
}

/* Narrow dimension d of 'a' by the range on top. */
static void apply_range (lua_State *L, mlpi_Array *a, int d) {
  size_t first, last;
  to_range(L, a->shape[d], d, &first, &last);
  a->data = (char *)a->data + (ptrdiff_t)first * a->stride[d] *
                                  (ptrdiff_t)mlpi_dtype_size(a->dtype);
  a->shape[d] = last + 1 - first;
}

static void drop (mlpi_Array *a, int d) {
  memmove(a->shape + d, a->shape + d + 1,
          (size_t)(a->ndim - d - 1) * sizeof *a->shape);
  memmove(a->stride + d, a->stride + d + 1,
          (size_t)(a->ndim - d - 1) * sizeof *a->stride);
  a->ndim--;
}

static void apply_index (lua_State *L, mlpi_Array *a, int d, int shown) {
  size_t i = to_index(L, a->shape[d], shown);
  a->data = (char *)a->data +
            (ptrdiff_t)i * a->stride[d] * (ptrdiff_t)mlpi_dtype_size(a->dtype);
  drop(a, d);
}

/* The array that t[key] views: an index, or a list of indices and ranges. */
static mlpi_Array resolve (lua_State *L, const mlp_Tensor *t, int key) {
  mlpi_Array a = t->a;
  if (a.ndim == 0)
    mlpi_raise(L, MLP_EARG, "index: a 0-dimensional tensor; use :item()");
  if (lua_type(L, key) == LUA_TNUMBER) {
    lua_pushvalue(L, key);
    apply_index(L, &a, 0, 0);
    lua_pop(L, 1);
    return a;
  }
  int n = (int)lua_rawlen(L, key);
  if (n > t->a.ndim)
    mlpi_raise(L, MLP_EARG, "index: expected at most %d indices, got %d",
               t->a.ndim, n);
  for (int i = 0, d = 0; i < n; i++) {
    lua_rawgeti(L, key, i + 1);
    if (lua_istable(L, -1))
      apply_range(L, &a, d++);
    else
      apply_index(L, &a, d, i);
    lua_pop(L, 1);
  }
  return a;
}

/* Push slice (a range on top) or select (an index on top) of dimension d. */
static void push_part (lua_State *L, mlp_Tensor *t, int d, int shown) {
  mlpi_Attrs at = { .n_axis = 3 * (d + 1) };
  size_t first, last;
  if (!lua_istable(L, -1)) {
    at = (mlpi_Attrs){ .n_axis = 2, .axis = { d } };
    at.axis[1] = (int64_t)to_index(L, t->a.shape[d], shown);
    mlpi_push_apply(L, "select", &at, 1, &t);
    return;
  }
  for (int k = 0; k <= d; k++) {
    at.axis[3 * k + 1] = (int64_t)t->a.shape[k];
    at.axis[3 * k + 2] = 1;
  }
  to_range(L, t->a.shape[d], d, &first, &last);
  at.axis[3 * d] = (int64_t)first;
  at.axis[3 * d + 1] = (int64_t)last + 1;
  mlpi_push_apply(L, "slice", &at, 1, &t);
}

/* Where a gradient or a trace is involved, ops do it, a dimension each. */
static void push_tracked (lua_State *L, mlp_Tensor *t, int key) {
  bool list = lua_istable(L, key);
  int n = list ? (int)lua_rawlen(L, key) : 1, d = 0;
  lua_pushvalue(L, 1);
  for (int i = 0; i < n; i++) {
    if (list)
      lua_rawgeti(L, key, i + 1);
    else
      lua_pushvalue(L, key);
    bool range = lua_istable(L, -1);
    push_part(L, t, d, i);
    d += range;
    lua_replace(L, -3);
    lua_pop(L, 1);
    t = mlpi_totensor(L, -1);
  }
}

static int push_view (lua_State *L, mlp_Tensor *t, int key) {
  if (t->symbol || mlpi_tracked(t)) {
    push_tracked(L, t, key);
    return 1;
  }
  mlpi_Array a = resolve(L, t, key);
  mlpi_check(L, mlpi_tensor_view(t, &a, mlpi_newtensor(L)));
  return 1;
}

static int field (lua_State *L, mlp_Tensor *t, const char *key) {
  if (strcmp(key, "shape") == 0) {
    mlpi_push_shape(L, &t->a);
  } else if (strcmp(key, "dtype") == 0) {
    lua_pushstring(L, mlpi_dtype_name(t->a.dtype));
  } else if (strcmp(key, "ndim") == 0) {
    lua_pushinteger(L, t->a.ndim);
  } else if (strcmp(key, "requires_grad") == 0) {
    lua_pushboolean(L, mlpi_tracked(t));
  } else if (strcmp(key, "grad") == 0) {
    if (t->grad == NULL || !t->grad_set)
      lua_pushnil(L);
    else
      *mlpi_newtensor(L) = mlpi_tensor_retain(t->grad);
  } else {
    lua_pushvalue(L, 2);
    lua_rawget(L, lua_upvalueindex(1));
    if (lua_isnil(L, -1))
      return mlpi_no_field(L, MLPI_TENSOR, key, lua_upvalueindex(1));
  }
  return 1;
}

/* A mask of the rows of t, which has more dimensions. */
static bool of_rows (const mlp_Tensor *t, const mlp_Tensor *mask) {
  return mask->a.dtype == MLP_UINT8 && mask->a.ndim == 1 && t->a.ndim > 1 &&
         mask->a.shape[0] == t->a.shape[0] && !mask->symbol;
}

/* Push the numbers, from 1, of what a mask chooses. */
static mlp_Tensor *push_chosen (lua_State *L, const mlp_Tensor *mask) {
  size_t n = 0, all = mlpi_count(&mask->a);
  for (size_t i = 0; i < all; i++) n += mlpi_get(&mask->a, i) != 0;
  mlp_Tensor **box = mlpi_newtensor(L);
  mlpi_check(L, mlpi_tensor_new(mlpi_runtime(L), MLP_INT64, 1, &n, box));
  int64_t *to = (*box)->a.data;
  for (size_t i = 0; i < all; i++)
    if (mlpi_get(&mask->a, i) != 0) *to++ = (int64_t)i + 1;
  return *box;
}

int mlpi_tensor_index (lua_State *L) {
  mlp_Tensor *t = mlpi_totensor(L, 1);
  int type = lua_type(L, 2);
  if (type == LUA_TSTRING) return field(L, t, lua_tostring(L, 2));
  if (type == LUA_TNUMBER || type == LUA_TTABLE) {
    if (t->a.ndim == 0)
      mlpi_raise(L, MLP_EARG, "index: a 0-dimensional tensor; use :item()");
    return push_view(L, t, 2);
  }
  if (type != LUA_TUSERDATA)
    mlpi_raise(L, MLP_EARG,
               "index: expected a number, a table of numbers and ranges, or a "
               "mask, got %s",
               mlpi_got(L, 2));
  mlp_Tensor *in[2] = { t, mlpi_totensor(L, 2) };
  const mlpi_Attrs first = { .n_axis = 1, .axis = { 0 } };
  if (of_rows(t, in[1])) in[1] = push_chosen(L, in[1]);
  bool rows = in[1]->a.dtype == MLP_INT64 && in[1]->a.ndim == 1;
  if (!rows && in[1]->a.dtype != MLP_UINT8)
    mlpi_raise(L, MLP_ETYPE,
               "index: expected a mask (uint8), or numbers of rows (int64, one "
               "dimension), got %s of %d dimensions; t:long() makes whole "
               "numbers",
               mlpi_dtype_name(in[1]->a.dtype), in[1]->a.ndim);
  mlpi_push_apply(L, rows ? "gather_rows" : "masked_select",
                  rows ? &first : NULL, 2, in);
  return 1;
}

/* t[{...}] = number or tensor; t[mask] = number */
int mlpi_tensor_newindex (lua_State *L) {
  mlp_Tensor *t = mlpi_totensor(L, 1);
  mlpi_check_values(L, t, "assignment");
  if (lua_type(L, 2) == LUA_TSTRING)
    mlpi_raise(L, MLP_EARG, "tensor: field '%s' cannot be set",
               lua_tostring(L, 2));
  lua_settop(L, 3);
  if (lua_istable(L, 3)) {
    mlpi_table_to_tensor(L, 3, t->a.dtype);
    lua_replace(L, 3);
  }
  if (lua_type(L, 3) != LUA_TNUMBER && mlpi_testbox(L, 3, MLPI_TENSOR) == NULL)
    mlpi_raise(L, MLP_EARG,
               "assignment: expected a number, a tensor or a table, got %s",
               mlpi_got(L, 3));
  mlp_Tensor *mask = mlpi_testbox(L, 2, MLPI_TENSOR);
  if (mask != NULL) {
    if (mask->a.dtype != MLP_UINT8)
      mlpi_raise(L, MLP_ETYPE,
                 "assignment: expected a mask (uint8) as the index, got %s; "
                 "t:index_copy(1, rows, values) sets rows",
                 mlpi_dtype_name(mask->a.dtype));
    if (of_rows(t, mask)) {
      mlpi_Attrs rows = { .n_axis = t->a.ndim, .axis[0] = mask->a.shape[0] };
      for (int d = 1; d < t->a.ndim; d++) rows.axis[d] = 1;
      mlpi_push_apply(L, "reshape", &rows, 1, &mask);
      mask = mlpi_totensor(L, -1);
      lua_replace(L, 2);
    }
    mlp_Tensor *in[3] = { mask, NULL, t };
    in[1] = mlpi_tooperand(L, 3, t);
    mlpi_push_apply(L, "where", NULL, 3, in);
    lua_replace(L, 3);
    lua_newtable(L);
    lua_replace(L, 2);
  }
  mlpi_Array a = resolve(L, t, 2);
  mlpi_check(L, mlpi_tensor_view(t, &a, mlpi_newtensor(L)));
  if (lua_type(L, 3) == LUA_TNUMBER) {
    lua_getfield(L, 4, "fill_");
  } else {
    mlpi_totensor(L, 3);
    lua_getfield(L, 4, "copy_");
  }
  if (t->requires_grad && !t->rt->grad_disabled)
    mlpi_raise(L, MLP_ESTATE,
               "assignment: a tensor that requires a gradient is modified "
               "inside mlp.no_grad(function() ... end) only");
  lua_insert(L, 4);
  lua_pushvalue(L, 3);
  lua_call(L, 2, 0);
  return 0;
}
