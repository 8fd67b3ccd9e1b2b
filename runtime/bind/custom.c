/*
** custom.c - losses written in Lua, as objects like any other. What they do is
** traced like the rest of a model.
*/
#include "bind/custom.h"
#include "bind/object.h"
#include "bind/tensor.h"
#include "loss/loss.h"

#include <stdio.h>
#include <string.h>

void mlpi_hold (lua_State *L, mlpi_Held *h, mlp_Runtime *rt, int arg) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  *h = (mlpi_Held){ .rt = rt, .main = lua_tothread(L, -1), .ref = LUA_NOREF };
  lua_pop(L, 1);
  lua_pushvalue(L, arg);
  h->ref = luaL_ref(L, LUA_REGISTRYINDEX);
}

void mlpi_drop (const mlpi_Held *h) {
  if (h->rt->host != NULL) luaL_unref(h->main, LUA_REGISTRYINDEX, h->ref);
}

mlp_Status mlpi_call_held (const mlpi_Held *h, lua_CFunction f, void *ud) {
  lua_State *L = h->rt->host;
  if (!lua_checkstack(L, 10))
    return mlpi_error(h->rt, MLP_ENOMEM, "stack overflow");
  lua_pushcfunction(L, f);
  lua_rawgeti(L, LUA_REGISTRYINDEX, h->ref);
  lua_pushlightuserdata(L, ud);
  if (lua_pcall(L, 2, 0, 0) == LUA_OK) return MLP_OK;
  lua_setfield(L, LUA_REGISTRYINDEX, MLPI_CALLBACK_ERROR);
  return mlpi_error(h->rt, MLP_ECALLBACK, "an error in a function");
}

/*
** Losses
*/

typedef struct Loss {
  mlp_Loss kind;
  mlpi_Held held; /* the function (y, p) */
  char name[64];
} Loss;

typedef struct LossCall {
  const char *name;
  mlp_Tensor *y, *p, **out;
} LossCall;

/* In a protected call: (function, LossCall). */
static int call_loss (lua_State *L) {
  const LossCall *c = lua_touserdata(L, 2);
  lua_settop(L, 1);
  *mlpi_newtensor(L) = mlpi_tensor_retain(c->y);
  *mlpi_newtensor(L) = mlpi_tensor_retain(c->p);
  lua_call(L, 2, 1);
  mlp_Tensor *t = mlpi_testbox(L, 1, MLPI_TENSOR);
  if (t == NULL)
    mlpi_raise(L, MLP_EARG,
               "loss: expected the function to return a tensor, got %s",
               luaL_typename(L, 1));
  *c->out = mlpi_tensor_retain(t);
  return 0;
}

static mlp_Status apply_loss (const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                              mlp_Tensor **out) {
  const Loss *k = o->ud;
  LossCall c = { k->name, y, p, out };
  *out = NULL;
  return mlpi_call_held(&k->held, call_loss, &c);
}

static void free_loss (void *ud) {
  Loss *k = ud;
  mlpi_drop(&k->held);
  mlpi_free(k->held.rt, k, sizeof *k);
}

/* core.loss_function(function, name): a loss object; "function" is no name */
static int loss_function (lua_State *L) {
  mlp_Runtime *rt = mlpi_runtime(L);
  mlp_Object *o;
  luaL_checktype(L, 1, LUA_TFUNCTION);
  const char *name = luaL_optstring(L, 2, "function");
  void **box = mlpi_newbox(L, MLPI_OBJECT);
  Loss *k = mlpi_calloc(rt, 1, sizeof *k);
  if (k == NULL) mlpi_check(L, MLP_ENOMEM);
  snprintf(k->name, sizeof k->name, "%s", name);
  k->kind = (mlp_Loss){ .name = k->name,
                        .doc = "A loss written in Lua.",
                        .target = MLPI_TARGET_ANY,
                        .apply = apply_loss };
  mlp_Status s = mlpi_object_of(rt, "loss", (const mlp_Kind *)&k->kind, &o);
  if (s != MLP_OK) mlpi_free(rt, k, sizeof *k);
  mlpi_check(L, s);
  *box = o;
  k->held = (mlpi_Held){ .rt = rt, .main = L, .ref = LUA_NOREF };
  o->ud = k;
  o->free_ud = free_loss;
  mlpi_hold(L, &k->held, rt, 1);
  return 1;
}

/* core.loss(object, y, p, w): by the loss's reduction */
static int loss (lua_State *L) {
  const mlp_Object *o = mlpi_tobox(L, 1, MLPI_OBJECT);
  mlp_Tensor *y = mlpi_totensor(L, 2), *p = mlpi_totensor(L, 3);
  mlp_Tensor *w = lua_isnoneornil(L, 4) ? NULL : mlpi_totensor(L, 4);
  if (strcmp(o->family, "loss") != 0)
    mlpi_raise(L, MLP_EARG, "loss: expected a loss, got a kind of %s",
               o->family);
  o->rt->host = L;
  mlpi_check(L, mlpi_loss(o, y, p, w, mlpi_newtensor(L)));
  return 1;
}

static const luaL_Reg functions[] = { { "loss_function", loss_function },
                                      { "loss", loss },
                                      { NULL, NULL } };

void mlpi_open_custom (lua_State *L);
void mlpi_open_custom (lua_State *L) { luaL_setfuncs(L, functions, 0); }
