/*
** tensor_change.c - tensors changed in place, and results written into a tensor
** that is there already: 'out ='.
*/
#include "bind/tensor.h"

#include <string.h>

mlp_Tensor *mlpi_tochanging (lua_State *L, int arg, const char *who) {
  mlp_Tensor *t = mlpi_totensor(L, arg);
  mlpi_check_values(L, t, who);
  if (t->node != NULL && t->node->wants_grad)
    mlpi_raise(L, MLP_ESTATE,
               "%s: a result on the tape cannot be modified in place; use "
               "t:detach() or t:clone()",
               who);
  if (t->requires_grad && !t->rt->grad_disabled)
    mlpi_raise(L, MLP_ESTATE,
               "%s: a tensor that requires a gradient is modified inside "
               "mlp.no_grad(function() ... end) only",
               who);
  return t;
}

/* More arguments than are read: Torch7 has r:add(a, b), x:add(k, y) and
** t:sub(1, 2), which would mean something else here. */
static void refuse_surplus (lua_State *L, int n, int got, const char *who) {
  const char *hint = "", *most = n <= 2 ? "" : "at most ";
  if (strcmp(who, "sub") == 0)
    hint = "; it subtracts: a part of t is t[{ { 1, 2 }, {} }]";
  else if (n == 2)
    hint = "; k times another is a:add(b * k), and where the result goes is "
           "said last: { out = r }";
  mlpi_raise(L, MLP_EARG,
             "%s: expected %s%d argument%s after the tensor, got %d%s", who,
             most, n - 1, n == 2 ? "" : "s", got - 1, hint);
}

int mlpi_out_option (lua_State *L, int n, const char *who) {
  int at = lua_gettop(L);
  if (at == 0) return 0; /* whoever reads argument 1 complains */
  if (at < 2 || !lua_istable(L, at) || lua_getfield(L, at, "out") == LUA_TNIL) {
    if (at > n && lua_istable(L, at))
      mlpi_checkkeys(L, at, who, "out");
    else if (at > n && !lua_isnil(L, n + 1))
      refuse_surplus(L, n, at, who);
    lua_settop(L, n);
    return 0;
  }
  mlpi_checkkeys(L, at, who, "out");
  if (at > n + 1) refuse_surplus(L, n, at - 1, who);
  mlpi_tochanging(L, at + 1, who);
  lua_remove(L, at);
  luaL_checkstack(L, n + 2, NULL);
  for (; at <= n; at++) { /* arguments that are missing */
    lua_pushnil(L);
    lua_insert(L, at);
  }
  lua_copy(L, at, n + 1);
  lua_settop(L, n + 1);
  return n + 1;
}

/* The first element, then as many as there are again and again. */
static void fill_memory (const mlpi_Array *a, double v) {
  const size_t n = mlpi_count(a), size = mlpi_dtype_size(a->dtype);
  char *at = a->data;
  if (n > 0) mlpi_set(a, 0, v);
  for (size_t done = 1; done < n; done *= 2)
    memcpy(at + done * size, at, size * (done < n - done ? done : n - done));
}

void mlpi_fill (mlp_Tensor *t, double v) {
  if (mlpi_contiguous(&t->a))
    fill_memory(&t->a, v);
  else
    for (size_t i = 0; i < mlpi_count(&t->a); i++) mlpi_set(&t->a, i, v);
}

static int fill (lua_State *L) { /* t:fill_(v) */
  mlp_Tensor *t = mlpi_tochanging(L, 1, "fill_");
  mlpi_fill(t, mlpi_number(L, 2, "fill_", "value"));
  t->storage->version++;
  lua_settop(L, 1);
  return 1;
}

static int zero (lua_State *L) { /* t:zero_() */
  mlp_Tensor *t = mlpi_tochanging(L, 1, "zero_");
  mlpi_fill(t, 0);
  t->storage->version++;
  lua_settop(L, 1);
  return 1;
}

/* Write src (of t's shape or broadcast, any dtype) over t. Through a copy
** where they share memory, so that overlapping views are right. */
static void assign (lua_State *L, mlp_Tensor *t, mlp_Tensor *src,
                    const char *who) {
  char a[MLPI_SHAPE_TEXT], b[MLPI_SHAPE_TEXT];
  mlpi_Attrs attrs = { .dtype = t->a.dtype, .n_axis = t->a.ndim };
  mlpi_check_values(L, src, who);
  for (int i = 0; i < t->a.ndim; i++) attrs.axis[i] = (int64_t)t->a.shape[i];
  if (!mlpi_same_shape(&t->a, &src->a)) {
    mlp_Status s = mlpi_apply1("expand", &attrs, src, mlpi_newtensor(L));
    if (s != MLP_OK)
      mlpi_raise(L, MLP_ESHAPE, "%s: %s does not fit into %s", who,
                 mlpi_shape_text(src->a.ndim, src->a.shape, a),
                 mlpi_shape_text(t->a.ndim, t->a.shape, b));
    src = mlpi_totensor(L, -1);
  }
  if (src->a.dtype != t->a.dtype) {
    mlpi_check(L, mlpi_apply1("cast", &attrs, src, mlpi_newtensor(L)));
    src = mlpi_totensor(L, -1);
  } else if (src->storage == t->storage) {
    mlpi_check(L, mlpi_apply1("copy", NULL, src, mlpi_newtensor(L)));
    src = mlpi_totensor(L, -1);
  }
  mlpi_array_copy(&src->a, &t->a);
  t->storage->version++;
}

static int copy (lua_State *L) { /* t:copy_(source) */
  mlp_Tensor *t = mlpi_tochanging(L, 1, "copy_");
  assign(L, t, mlpi_totensor(L, 2), "copy_");
  lua_settop(L, 1);
  return 1;
}

/* t:exp_(), t:add_(u): upvalue 1 names the op, upvalue 2 says how many
** tensors it takes. */
static int op_in_place (lua_State *L) {
  const char *op = lua_tostring(L, lua_upvalueindex(1));
  int n = (int)lua_tointeger(L, lua_upvalueindex(2));
  if (!lua_isnone(L, n + 1)) refuse_surplus(L, n, lua_gettop(L), op);
  lua_settop(L, n);
  mlp_Tensor *in[2] = { mlpi_tochanging(L, 1, op), NULL };
  if (n == 2) in[1] = mlpi_tooperand(L, 2, in[0]);
  mlpi_check(L, mlpi_apply_into(in[0]->rt, op, NULL, n, in, in[0]));
  lua_settop(L, 1);
  return 1;
}

static int clamp (lua_State *L) { /* t:clamp_(low, high) */
  mlp_Tensor *t = mlpi_tochanging(L, 1, "clamp_");
  const mlpi_Attrs a = mlpi_to_bounds(L, "clamp_");
  mlpi_check(L, mlpi_apply_into(t->rt, "clamp", &a, 1, &t, t));
  lua_settop(L, 1);
  return 1;
}

static void add_in_place (lua_State *L, const char *names, int inputs) {
  for (const char *p = names; *p != '\0'; p += strspn(p, " ")) {
    size_t n = strcspn(p, " "), m = strcspn(p, "= ");
    lua_pushlstring(L, p, m); /* method "cmul" or "cmul=mul" */
    lua_pushliteral(L, "_");
    lua_concat(L, 2);
    lua_pushlstring(L, m < n ? p + m + 1 : p, m < n ? n - m - 1 : n);
    lua_pushinteger(L, inputs);
    lua_pushcclosure(L, op_in_place, 2);
    lua_rawset(L, -3);
    p += n;
  }
}

void mlpi_tensor_change_methods (lua_State *L) {
  static const luaL_Reg plain[] = { { "fill_", fill },
                                    { "zero_", zero },
                                    { "copy_", copy },
                                    { "clamp_", clamp },
                                    { NULL, NULL } };
  luaL_setfuncs(L, plain, 0);
  add_in_place(L, MLPI_MATHS, 1);
  add_in_place(L, MLPI_ARITHMETIC, 2);
}
