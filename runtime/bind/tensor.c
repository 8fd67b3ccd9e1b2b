/*
** tensor.c - tensors as Lua values: what they hold, their gradients.
*/
#include "bind/tensor.h"

#include <string.h>

static void release (void *p) { mlpi_tensor_release(p); }

mlp_Tensor **mlpi_newtensor (lua_State *L) {
  return (mlp_Tensor **)mlpi_newbox(L, MLPI_TENSOR);
}

mlp_Tensor *mlpi_totensor (lua_State *L, int arg) {
  return mlpi_tobox(L, arg, MLPI_TENSOR);
}

void mlpi_check_values (lua_State *L, const mlp_Tensor *t, const char *who) {
  if (t->symbol)
    mlpi_raise(L, MLP_ESTATE,
               "%s: expected a tensor with values, got a symbol: inside a "
               "traced loss, layer or metric only tensor operations work",
               who);
  if (t->storage == NULL)
    mlpi_raise(L, MLP_ESTATE, "%s: a weight of a model that is not built yet",
               who);
}

mlp_Dtype mlpi_todtype (lua_State *L, int arg, const char *who) {
  const char *name = lua_tostring(L, arg);
  for (int d = MLP_FLOAT32; d <= MLP_UINT8 && name != NULL; d++)
    if (strcmp(name, mlpi_dtype_name((mlp_Dtype)d)) == 0) return (mlp_Dtype)d;
  static const char *const names[] = { "float32", "float64", "int64", "uint8" };
  const char *near = name == NULL ? NULL : mlpi_nearest(name, names, 4);
  mlpi_raise(L, MLP_EARG,
             "%s: expected a dtype (float32, float64, int64, uint8), got "
             "%s%s%s%s",
             who, mlpi_got(L, arg), near ? "; did you mean '" : "",
             near ? near : "", near ? "'?" : "");
  return MLP_FLOAT32;
}

mlp_Dtype mlpi_optdtype (lua_State *L, int arg, const char *who,
                         mlp_Dtype preset) {
  mlp_Dtype d = preset;
  if (lua_isnoneornil(L, arg)) return d;
  mlpi_table(L, arg, who, "options, such as { dtype = \"int64\" }");
  mlpi_checkkeys(L, arg, who, "dtype requires_grad");
  if (lua_getfield(L, arg, "dtype") != LUA_TNIL) d = mlpi_todtype(L, -1, who);
  lua_pop(L, 1);
  return d;
}

/*
** Reading
*/

void mlpi_push_element (lua_State *L, const mlpi_Array *a, size_t i) {
  if (mlpi_is_real(a->dtype))
    lua_pushnumber(L, mlpi_get(a, i));
  else
    lua_pushinteger(L, mlpi_get_integer(a, i));
}

static int item (lua_State *L) {
  mlp_Tensor *t = mlpi_totensor(L, 1);
  char text[MLPI_SHAPE_TEXT];
  mlpi_check_values(L, t, "item");
  if (mlpi_count(&t->a) != 1)
    mlpi_raise(L, MLP_ESHAPE, "item: expected one element, got shape %s",
               mlpi_shape_text(t->a.ndim, t->a.shape, text));
  mlpi_push_element(L, &t->a, 0);
  return 1;
}

static void push_nested (lua_State *L, const mlpi_Array *a, int depth,
                         size_t *at) {
  if (depth == a->ndim) {
    mlpi_push_element(L, a, (*at)++);
    return;
  }
  size_t n = a->shape[depth];
  lua_createtable(L, n < 1 << 20 ? (int)n : 0, 0);
  for (size_t i = 1; i <= n; i++) {
    push_nested(L, a, depth + 1, at);
    lua_rawseti(L, -2, (lua_Integer)i);
  }
}

static int totable (lua_State *L) {
  mlp_Tensor *t = mlpi_totensor(L, 1);
  size_t at = 0;
  mlpi_check_values(L, t, "totable");
  luaL_checkstack(L, MLP_MAXDIM + 4, NULL);
  push_nested(L, &t->a, 0, &at);
  return 1;
}

static int size (lua_State *L) { /* t:size() shape, t:size(dim) */
  mlp_Tensor *t = mlpi_totensor(L, 1);
  if (lua_isnoneornil(L, 2)) {
    mlpi_push_shape(L, &t->a);
    return 1;
  }
  lua_Integer d = mlpi_integer(L, 2, "size", "dim");
  if (d < 0) d += t->a.ndim + 1;
  if (d < 1 || d > t->a.ndim)
    mlpi_raise(L, MLP_EARG, "size: argument 'dim': expected 1..%d, got %d",
               t->a.ndim, (int)lua_tointeger(L, 2));
  lua_pushinteger(L, (lua_Integer)t->a.shape[d - 1]);
  return 1;
}

static int length (lua_State *L) {
  mlp_Tensor *t = mlpi_totensor(L, 1);
  if (t->a.ndim == 0)
    mlpi_raise(L, MLP_ESHAPE, "#: a 0-dimensional tensor has no length");
  lua_pushinteger(L, (lua_Integer)t->a.shape[0]);
  return 1;
}

static int numel (lua_State *L) {
  lua_pushinteger(L, (lua_Integer)mlpi_count(&mlpi_totensor(L, 1)->a));
  return 1;
}

static int is_contiguous (lua_State *L) {
  lua_pushboolean(L, mlpi_contiguous(&mlpi_totensor(L, 1)->a));
  return 1;
}

static int same_values (const mlpi_Array *a, const mlpi_Array *b) {
  size_t n = mlpi_count(a);
  for (size_t i = 0; i < n; i++)
    if (mlpi_get(a, i) != mlpi_get(b, i)) return 0;
  return 1;
}

/* a == b: equal type, shape and values. */
static int equal (lua_State *L) {
  mlp_Tensor *a = mlpi_testbox(L, 1, MLPI_TENSOR);
  mlp_Tensor *b = mlpi_testbox(L, 2, MLPI_TENSOR);
  bool same = a != NULL && b != NULL && a->a.dtype == b->a.dtype &&
              mlpi_same_shape(&a->a, &b->a);
  if (same) {
    mlpi_check_values(L, a, "==");
    mlpi_check_values(L, b, "==");
    same = same_values(&a->a, &b->a);
  }
  lua_pushboolean(L, same);
  return 1;
}

/*
** Gradients
*/

static int backward (lua_State *L) {
  mlpi_check(L, mlpi_backward(mlpi_totensor(L, 1)));
  return 0;
}

static int set_requires_grad (lua_State *L) {
  mlp_Tensor *t = mlpi_totensor(L, 1);
  bool on = lua_isnoneornil(L, 2) || lua_toboolean(L, 2);
  if (on && (!mlpi_is_real(t->a.dtype) || t->symbol))
    mlpi_raise(L, MLP_ETYPE,
               "requires_grad_: expected a float32 or float64 tensor, got %s",
               t->symbol ? "a symbol" : mlpi_dtype_name(t->a.dtype));
  t->requires_grad = on;
  lua_settop(L, 1);
  return 1;
}

static int zero_grad (lua_State *L) {
  mlpi_totensor(L, 1)->grad_set = false;
  return 0;
}

static int detach (lua_State *L) {
  mlp_Tensor *t = mlpi_totensor(L, 1);
  mlpi_check_values(L, t, "detach");
  mlpi_check(L, mlpi_tensor_view(t, &t->a, mlpi_newtensor(L)));
  return 1;
}

static int no_grad_end (lua_State *L, int status, lua_KContext before) {
  mlpi_runtime(L)->grad_disabled = before != 0;
  if (status != LUA_OK && status != LUA_YIELD) return lua_error(L);
  return lua_gettop(L);
}

/* mlp.no_grad(f, ...): f(...) without a tape */
static int no_grad (lua_State *L) {
  mlp_Runtime *rt = mlpi_runtime(L);
  lua_KContext before = rt->grad_disabled;
  if (!lua_isfunction(L, 1))
    mlpi_raise(L, MLP_EARG, "no_grad: expected a function, got %s",
               mlpi_got(L, 1));
  rt->grad_disabled = true;
  int status =
      lua_pcallk(L, lua_gettop(L) - 1, LUA_MULTRET, 0, before, no_grad_end);
  return no_grad_end(L, status, before);
}

static int hash (lua_State *L) {
  char hex[65];
  mlp_Tensor *t = mlpi_totensor(L, 1);
  mlpi_check_values(L, t, "hash");
  mlpi_array_hash(&t->a, 1, hex);
  lua_pushstring(L, hex);
  return 1;
}

static int is_tensor (lua_State *L) {
  lua_pushboolean(L, luaL_testudata(L, 1, MLPI_TENSOR) != NULL);
  return 1;
}

static const luaL_Reg meta[] = { { "__newindex", mlpi_tensor_newindex },
                                 { "__tostring", mlpi_tensor_tostring },
                                 { "__len", length },
                                 { "__eq", equal },
                                 { NULL, NULL } };

static const luaL_Reg methods[] = {
  { "item", item },           { "totable", totable },
  { "tolist", totable },      { "size", size },
  { "numel", numel },         { "is_contiguous", is_contiguous },
  { "backward", backward },   { "requires_grad_", set_requires_grad },
  { "zero_grad", zero_grad }, { "detach", detach },
  { "hash", hash },           { NULL, NULL }
};

static const luaL_Reg functions[] = { { "no_grad", no_grad },
                                      { "is_tensor", is_tensor },
                                      { NULL, NULL } };

void mlpi_open_tensor (lua_State *L);
void mlpi_open_tensor (lua_State *L) {
  mlpi_newtype(L, MLPI_TENSOR, meta, methods, release);
  luaL_getmetatable(L, MLPI_TENSOR);
  luaL_setfuncs(L, mlpi_tensor_operators, 0);
  lua_getfield(L, -1, "__index");
  mlpi_tensor_op_methods(L);
  mlpi_tensor_change_methods(L);
  mlpi_tensor_count_methods(L);
  lua_pop(L, 2);
  mlpi_index_with(L, MLPI_TENSOR, mlpi_tensor_index);
  luaL_setfuncs(L, functions, 0);
}
