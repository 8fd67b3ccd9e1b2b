/*
** embed_value.c - Lua values as values of mlprun.h, and back.
*/
#include "host/embed.h"
#include "bind/bind.h"

#include <string.h>

/* The metatables of tensors and models come with the library. */
static void need_library (lua_State *L) {
  if (luaL_getmetatable(L, MLPI_TENSOR) == LUA_TNIL) {
    lua_getglobal(L, "require");
    lua_pushliteral(L, "mlp");
    lua_call(L, 1, 0);
  }
  lua_pop(L, 1);
}

static void check_owner (lua_State *L, const mlp_Runtime *rt, const char *who) {
  if (rt != mlpi_runtime(L))
    mlpi_raise(L, MLP_EARG, "%s: the value belongs to another runtime", who);
}

static void push_tensor (lua_State *L, mlp_Tensor *t, const char *who) {
  if (t == NULL)
    mlpi_raise(L, MLP_EARG, "%s: expected a tensor, got NULL", who);
  check_owner(L, t->rt, who);
  need_library(L);
  *mlpi_newtensor(L) = mlpi_tensor_retain(t);
}

static void push_model (lua_State *L, mlp_Model *m, const char *who) {
  if (m == NULL) mlpi_raise(L, MLP_EARG, "%s: expected a model, got NULL", who);
  check_owner(L, m->rt, who);
  need_library(L);
  *mlpi_newbox(L, MLPI_MODEL) = mlpi_model_retain(m);
}

void mlpi_push_public (lua_State *L, const mlp_Value *v, const char *who) {
  switch (v->type) {
  case MLP_VNIL:
    lua_pushnil(L);
    return;
  case MLP_VBOOLEAN:
    lua_pushboolean(L, v->as.integer != 0);
    return;
  case MLP_VINTEGER:
    lua_pushinteger(L, v->as.integer);
    return;
  case MLP_VNUMBER:
    lua_pushnumber(L, v->as.number);
    return;
  case MLP_VTEXT:
    lua_pushlstring(L, v->as.string.text, v->as.string.length);
    return;
  case MLP_VTENSOR:
    push_tensor(L, v->as.tensor, who);
    return;
  case MLP_VMODEL:
    push_model(L, v->as.model, who);
    return;
  }
  mlpi_raise(L, MLP_EARG, "%s: expected a type of value, got %d", who,
             (int)v->type);
}

static void fetch_object (lua_State *L, int at, mlp_Value *v, const char *who) {
  void *p = mlpi_testbox(L, at, MLPI_TENSOR);
  if (p != NULL) {
    *v = (mlp_Value){ .type = MLP_VTENSOR, .as.tensor = p };
    if (v->as.tensor->symbol)
      mlpi_raise(L, MLP_EARG, "%s: expected a tensor, got a symbol", who);
    return;
  }
  p = mlpi_testbox(L, at, MLPI_MODEL);
  if (p == NULL)
    mlpi_raise(L, MLP_ETYPE,
               "%s: expected nil, a boolean, number, string, tensor or model, "
               "got a %s",
               who, luaL_typename(L, at));
  *v = (mlp_Value){ .type = MLP_VMODEL, .as.model = p };
}

void mlpi_fetch_public (lua_State *L, int at, mlp_Value *v, const char *who) {
  memset(v, 0, sizeof *v);
  switch (lua_type(L, at)) {
  case LUA_TNIL:
    return;
  case LUA_TBOOLEAN:
    v->type = MLP_VBOOLEAN;
    v->as.integer = lua_toboolean(L, at);
    return;
  case LUA_TNUMBER:
    v->type = lua_isinteger(L, at) ? MLP_VINTEGER : MLP_VNUMBER;
    if (v->type == MLP_VINTEGER)
      v->as.integer = lua_tointeger(L, at);
    else
      v->as.number = lua_tonumber(L, at);
    return;
  case LUA_TSTRING:
    v->type = MLP_VTEXT;
    v->as.string.text = lua_tolstring(L, at, &v->as.string.length);
    return;
  default:
    fetch_object(L, at, v, who);
  }
}

mlp_Value mlpi_retain_public (mlp_Value v) {
  if (v.type == MLP_VTENSOR) mlpi_tensor_retain(v.as.tensor);
  if (v.type == MLP_VMODEL) mlpi_model_retain(v.as.model);
  return v;
}

void mlpi_release_public (mlp_Value *v) {
  if (v->type == MLP_VTENSOR) mlpi_tensor_release(v->as.tensor);
  if (v->type == MLP_VMODEL) mlpi_model_release(v->as.model);
  v->type = MLP_VNIL;
}
