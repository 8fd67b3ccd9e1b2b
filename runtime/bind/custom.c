/*
** custom.c - losses and layers written in Lua, as objects like any other. What
** they do is traced like the rest of a model.
*/
#include "bind/custom.h"
#include "bind/object.h"
#include "bind/tensor.h"
#include "layer/layer.h"
#include "loss/loss.h"
#include "metric/metric.h"

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
** Losses and metrics
*/

typedef struct Loss {
  union {
    mlp_Loss loss;
    mlp_Metric metric;
  };
  bool is_metric;
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
               "%s: expected the function to return a tensor, got %s", c->name,
               luaL_typename(L, 1));
  *c->out = mlpi_tensor_retain(t);
  return 0;
}

static mlp_Status apply_loss (const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                              mlp_Tensor **out) {
  const Loss *k = o->ud;
  const bool anonymous = strcmp(k->name, "function") == 0;
  LossCall c = { anonymous ? "loss" : k->name, y, p, out };
  *out = NULL;
  return mlpi_call_held(&k->held, call_loss, &c);
}

static void free_loss (void *ud) {
  Loss *k = ud;
  mlpi_drop(&k->held);
  mlpi_free(k->held.rt, k, sizeof *k);
}

/* A box with an object of k's kind, which calls the function at 1. */
static int push_function (lua_State *L, const char *family, Loss *k) {
  mlp_Runtime *rt = k->held.rt;
  mlp_Object *o;
  const mlp_Kind *kind =
      k->is_metric ? (const mlp_Kind *)&k->metric : (const mlp_Kind *)&k->loss;
  mlp_Status s = mlpi_object_of(rt, family, kind, &o);
  if (s != MLP_OK) mlpi_free(rt, k, sizeof *k);
  mlpi_check(L, s);
  *(void **)lua_touserdata(L, -1) = o;
  o->ud = k;
  o->free_ud = free_loss;
  mlpi_hold(L, &k->held, rt, 1);
  return 1;
}

/* The function at 1 and the name at 2; a box for the object is on top. */
static Loss *new_function (lua_State *L, bool is_metric) {
  mlp_Runtime *rt = mlpi_runtime(L);
  luaL_checktype(L, 1, LUA_TFUNCTION);
  const char *name = luaL_optstring(L, 2, "function");
  lua_settop(L, 3);
  mlpi_newbox(L, MLPI_OBJECT);
  Loss *k = mlpi_calloc(rt, 1, sizeof *k);
  if (k == NULL) mlpi_check(L, MLP_ENOMEM);
  snprintf(k->name, sizeof k->name, "%s", name);
  k->is_metric = is_metric;
  k->held = (mlpi_Held){ .rt = rt, .main = L, .ref = LUA_NOREF };
  return k;
}

/* core.loss_function(function, name): a loss object; "function" is no name */
static int loss_function (lua_State *L) {
  Loss *k = new_function(L, false);
  k->loss = (mlp_Loss){ .name = k->name,
                        .doc = "A loss written in Lua.",
                        .target = MLPI_TARGET_ANY,
                        .apply = apply_loss };
  return push_function(L, "loss", k);
}

static double mean_result (const mlp_Object *o, size_t width,
                           const double *state) {
  (void)o, (void)width;
  return mlpi_share(state[0], state[1]);
}

/* core.metric_function(function, name, larger_is_better) */
static int metric_function (lua_State *L) {
  bool larger = lua_toboolean(L, 3);
  Loss *k = new_function(L, true);
  k->metric = (mlp_Metric){ .name = k->name,
                            .doc = "A metric written in Lua.",
                            .larger_is_better = larger,
                            .apply = apply_loss,
                            .result = mean_result };
  return push_function(L, "metric", k);
}

/*
** Layers
*/

typedef struct Layer {
  mlp_LayerKind kind;
  mlpi_Held held; /* the table of the layer: see lua/mlp/custom.lua */
  char name[MLPI_LAYER_NAME];
  char weight[MLPI_WEIGHTS][MLPI_LAYER_NAME];
  mlp_Object *owned[3 * MLPI_WEIGHTS]; /* initializers and the like */
  int n_owned;
} Layer;

typedef struct LayerCall {
  mlp_Layer *l;
  int n_in;
  mlp_Tensor *const *in;
  bool training;
  mlp_Tensor **out;
} LayerCall;

/* self.method(self, ...) with the inputs' shapes, as rows. */
static int build_layer (lua_State *L) {
  const LayerCall *c = lua_touserdata(L, 2);
  lua_settop(L, 1);
  lua_getfield(L, 1, "_build");
  lua_pushvalue(L, 1);
  *mlpi_newbox(L, MLPI_LAYER) = mlpi_layer_retain(c->l);
  lua_createtable(L, c->n_in, 0);
  for (int i = 0; i < c->n_in; i++) {
    const mlpi_Array *a = &c->in[i]->a;
    lua_createtable(L, a->ndim, 0);
    for (int d = 0; d < a->ndim; d++) {
      lua_pushinteger(L, d == 0 ? -1 : (lua_Integer)a->shape[d]);
      lua_rawseti(L, -2, d + 1);
    }
    lua_rawseti(L, -2, i + 1);
  }
  lua_call(L, 3, 0);
  return 0;
}

/* The table at -1: the layer's weights by name, as 'build' left them. */
static void push_own (lua_State *L) {
  if (lua_getfield(L, 1, "_own") != LUA_TNIL) return;
  lua_pop(L, 1);
  lua_newtable(L);
  lua_pushvalue(L, -1);
  lua_setfield(L, 1, "_own");
}

/*
** While shapes are looked for weights have no memory yet. Symbols of the trace
** stand in for them then, so that 'call' may begin with weights alone:
** self.kernel / self.kernel:norm(). An error on the way leaves them there; the
** next call takes them away.
*/
static void lend_weights (lua_State *L, const LayerCall *c) {
  push_own(L);
  for (int i = 0; i < c->l->n_weights; i++) {
    const mlp_Tensor *w = c->l->weight[i].tensor;
    const char *name = c->l->weight[i].name;
    lua_getfield(L, 1, name);
    const mlp_Tensor *now = mlpi_testbox(L, -1, MLPI_TENSOR);
    if (now == w)
      lua_setfield(L, -2, name);
    else
      lua_pop(L, 1);
    if (now != w && (now == NULL || !now->symbol)) continue;
    if (w->storage == NULL && c->in[0]->symbol)
      mlpi_check(L, mlpi_trace_input(c->in[0]->node->trace, w->a.dtype,
                                     w->a.ndim, w->a.shape, mlpi_newtensor(L)));
    else
      lua_getfield(L, -1, name);
    lua_setfield(L, 1, name);
  }
  lua_pop(L, 1);
}

/* self._call(self, x, training): x a tensor, or a list of them */
static int call_layer (lua_State *L) {
  const LayerCall *c = lua_touserdata(L, 2);
  lua_settop(L, 1);
  lend_weights(L, c);
  lua_getfield(L, 1, "_call");
  lua_pushvalue(L, 1);
  if (c->n_in > 1) lua_createtable(L, c->n_in, 0);
  for (int i = 0; i < c->n_in; i++) {
    *mlpi_newtensor(L) = mlpi_tensor_retain(c->in[i]);
    if (c->n_in > 1) lua_rawseti(L, -2, i + 1);
  }
  lua_pushboolean(L, c->training);
  lua_call(L, 3, 1);
  mlp_Tensor *t = mlpi_testbox(L, -1, MLPI_TENSOR);
  if (t == NULL)
    mlpi_raise(L, MLP_EARG, "%s: expected 'call' to return a tensor, got %s",
               c->l->o->kind->name, luaL_typename(L, -1));
  *c->out = mlpi_tensor_retain(t);
  return 0;
}

static mlp_Status build_custom (mlp_Layer *l, int n_in, mlp_Tensor *const *in) {
  const Layer *k = l->o->ud;
  LayerCall c = { .l = l, .n_in = n_in, .in = in };
  return mlpi_call_held(&k->held, build_layer, &c);
}

/* The layers that it is made of are in the same pass. */
static mlp_Status call_custom (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                               const mlpi_Pass *pass, mlp_Tensor **out) {
  const Layer *k = l->o->ud;
  mlp_Runtime *rt = l->rt;
  const bool training = rt->training;
  const uint64_t step = rt->step;
  LayerCall c = { l, n_in, in, pass->training, out };
  *out = NULL;
  rt->training = pass->training;
  rt->step = pass->step;
  mlp_Status s = mlpi_call_held(&k->held, call_layer, &c);
  rt->training = training;
  rt->step = step;
  return s;
}

static void free_layer (void *ud) {
  Layer *k = ud;
  mlpi_drop(&k->held);
  for (int i = 0; i < k->n_owned; i++) mlpi_object_release(k->owned[i]);
  mlpi_free(k->held.rt, k, sizeof *k);
}

/* core.layer_custom(kind's name, table, most inputs): a layer */
static int layer_custom (lua_State *L) {
  mlp_Runtime *rt = mlpi_runtime(L);
  mlp_Object *o;
  mlp_Layer *l;
  const char *name = luaL_checkstring(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  void **box = mlpi_newbox(L, MLPI_LAYER);
  void **object = mlpi_newbox(L, MLPI_OBJECT);
  Layer *k = mlpi_calloc(rt, 1, sizeof *k);
  if (k == NULL) mlpi_check(L, MLP_ENOMEM);
  snprintf(k->name, sizeof k->name, "%s", name);
  k->kind = (mlp_LayerKind){ .name = k->name,
                             .doc = "A layer written in Lua.",
                             .min_in = 1,
                             .max_in = (int)luaL_checkinteger(L, 3),
                             .build = build_custom,
                             .call = call_custom };
  mlp_Status s = mlpi_object_of(rt, "layer", (const mlp_Kind *)&k->kind, &o);
  if (s != MLP_OK) mlpi_free(rt, k, sizeof *k);
  mlpi_check(L, s);
  *object = o;
  k->held = (mlpi_Held){ .rt = rt, .main = L, .ref = LUA_NOREF };
  o->ud = k;
  o->free_ud = free_layer;
  mlpi_hold(L, &k->held, rt, 2);
  mlpi_check(L, mlpi_layer_new(o, &l));
  *box = l;
  lua_settop(L, 4);
  return 1;
}

static Layer *to_custom (lua_State *L, int arg, mlp_Layer **l) {
  *l = mlpi_tobox(L, arg, MLPI_LAYER);
  return (*l)->o->free_ud == free_layer ? (*l)->o->ud : NULL;
}

/* core.layer_table(layer): the table of one that is written in Lua, or nil */
static int layer_table (lua_State *L) {
  mlp_Layer *l;
  const Layer *k = to_custom(L, 1, &l);
  if (k == NULL) return 0;
  lua_rawgeti(L, LUA_REGISTRYINDEX, k->held.ref);
  return 1;
}

/* core.layer_adopt(layer, part) */
static int layer_adopt (lua_State *L) {
  mlp_Layer *l = mlpi_tobox(L, 1, MLPI_LAYER);
  mlpi_check(L, mlpi_layer_adopt(l, mlpi_tobox(L, 2, MLPI_LAYER)));
  return 0;
}

/* An object or nil at 'arg', which the layer keeps. */
static const mlp_Object *own (lua_State *L, Layer *k, int arg) {
  mlp_Object *o =
      lua_isnoneornil(L, arg) ? NULL : mlpi_tobox(L, arg, MLPI_OBJECT);
  if (o != NULL) k->owned[k->n_owned++] = mlpi_object_retain(o);
  return o;
}

/* core.layer_weight(layer, name, shape, trainable, initializer, regularizer,
** constraint): a new weight, while the layer is being built */
static int layer_weight (lua_State *L) {
  mlp_Layer *l;
  int64_t size[MLP_MAXDIM];
  size_t shape[MLP_MAXDIM];
  Layer *k = to_custom(L, 1, &l);
  const char *name = luaL_checkstring(L, 2);
  int n = mlpi_tosizes(L, 3, "add_weight", false, size, NULL);
  if (k == NULL || l->built)
    mlpi_raise(L, MLP_ESTATE,
               "add_weight: expected a layer that is being built");
  if (l->n_weights == MLPI_WEIGHTS)
    mlpi_raise(L, MLP_EARG, "%s: expected at most %d weights", k->name,
               MLPI_WEIGHTS);
  for (int i = 0; i < n; i++) shape[i] = (size_t)size[i];
  char *own_name = k->weight[l->n_weights];
  snprintf(own_name, MLPI_LAYER_NAME, "%s", name);
  const mlp_Object *initializer = own(L, k, 5), *regularizer = own(L, k, 6),
                   *constraint = own(L, k, 7);
  mlpi_check(L,
             mlpi_layer_weight(l, own_name, l->dtype, n, shape, initializer,
                               regularizer, constraint, lua_toboolean(L, 4)));
  *mlpi_newtensor(L) = mlpi_tensor_retain(l->weight[l->n_weights - 1].tensor);
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
                                      { "metric_function", metric_function },
                                      { "loss", loss },
                                      { "layer_custom", layer_custom },
                                      { "layer_table", layer_table },
                                      { "layer_adopt", layer_adopt },
                                      { "layer_weight", layer_weight },
                                      { NULL, NULL } };

void mlpi_open_custom (lua_State *L);
void mlpi_open_custom (lua_State *L) { luaL_setfuncs(L, functions, 0); }
