/*
** model.c - models and passes over data as Lua values. What is policy (fit,
** callbacks, summary) is in lua/mlp/model.lua, over these.
*/
#include "bind/object.h"
#include "bind/tensor.h"
#include "loss/loss.h"
#include "train/train.h"

#include <string.h>

#define RUN   "mlp.Run"
#define BUSY  "mlp.Busy"
#define STATE "mlp.OptimizerState"

static void release_model (void *p) { mlpi_model_release(p); }
static void release_run (void *p) { mlpi_run_release(p); }

/* The model at 'arg'; engine calls below may call back into this state. */
static mlp_Model *to_model (lua_State *L, int arg) {
  mlp_Model *m = mlpi_tobox(L, arg, MLPI_MODEL);
  m->rt->host = L;
  return m;
}

/* core.model() */
static int model_new (lua_State *L) {
  mlp_Model **box = (mlp_Model **)mlpi_newbox(L, MLPI_MODEL);
  mlpi_check(L, mlpi_model_new(mlpi_runtime(L), box));
  return 1;
}

/* core.model_add(model, layer, { inputs }): inputs are the numbers of earlier
** uses, from 1; 0, -1, -2... are the model's first, second... input. */
static int model_add (lua_State *L) {
  int in[MLPI_MODEL_INPUTS];
  mlp_Model *m = to_model(L, 1);
  mlp_Layer *l = mlpi_tobox(L, 2, MLPI_LAYER);
  luaL_checktype(L, 3, LUA_TTABLE);
  int n = (int)lua_rawlen(L, 3);
  if (n > MLPI_MODEL_INPUTS)
    mlpi_raise(L, MLP_EARG, "%s: expected at most %d inputs, got %d",
               l->o->kind->name, MLPI_MODEL_INPUTS, n);
  for (int i = 0; i < n; i++) {
    lua_rawgeti(L, 3, i + 1);
    in[i] = (int)luaL_checkinteger(L, -1) - 1;
    lua_pop(L, 1);
  }
  mlpi_check(L, mlpi_model_add(m, l, n, in));
  return 0;
}

/* model:build({ features }, dtype): shape of a row */
static int model_build (lua_State *L) {
  int64_t size[MLP_MAXDIM];
  size_t shape[MLP_MAXDIM];
  mlp_Model *m = to_model(L, 1);
  int n = mlpi_tosizes(L, 2, "build", false, size, NULL);
  mlp_Dtype dtype =
      lua_isnoneornil(L, 3) ? MLP_FLOAT32 : mlpi_todtype(L, 3, "build");
  for (int i = 0; i < n; i++) shape[i] = (size_t)size[i];
  mlpi_check(L, mlpi_model_build(m, dtype, n, shape));
  mlpi_account(L, mlpi_model_count(m, false) * mlpi_dtype_size(m->dtype));
  lua_settop(L, 1);
  return 1;
}

/* core.model_call(model, x, training) */
static int model_call (lua_State *L) {
  mlp_Model *m = to_model(L, 1);
  mlp_Tensor *x = mlpi_totensor(L, 2);
  const mlpi_Pass pass = { .training = lua_toboolean(L, 3),
                           .step = m->iterations };
  mlp_Tensor **out = mlpi_newtensor(L);
  mlpi_check(L, mlpi_model_call(m, x, &pass, out));
  if ((*out)->storage != NULL) mlpi_account(L, (*out)->storage->bytes);
  return 1;
}

/*
** Losses written in Lua
*/

typedef struct HostLoss {
  mlp_Runtime *rt;
  lua_State *main;
  int ref; /* of the function, in the registry */
} HostLoss;

static void free_host_loss (void *ud) {
  HostLoss *h = ud;
  luaL_unref(h->main, LUA_REGISTRYINDEX, h->ref);
  mlpi_free(h->rt, h, sizeof *h);
}

/* In a protected call: (function, y, p, out) -> *out retained */
static int call_host_loss (lua_State *L) {
  mlp_Tensor **out = lua_touserdata(L, 4);
  lua_settop(L, 3);
  lua_call(L, 2, 1);
  mlp_Tensor *t = mlpi_testbox(L, 1, MLPI_TENSOR);
  if (t == NULL)
    mlpi_raise(L, MLP_EARG,
               "loss: expected the function to return a tensor, got %s",
               luaL_typename(L, 1));
  mlpi_check(L, mlpi_mean_of(t, out));
  return 0;
}

/* y as values of p's shape where the counts agree; classes as they are. */
static mlp_Status host_target (mlp_Tensor *y, mlp_Tensor *p, mlp_Tensor **out) {
  mlpi_Attrs a = { .n_axis = p->a.ndim };
  if (y->a.dtype == MLP_INT64 || mlpi_count(&y->a) != mlpi_count(&p->a)) {
    *out = mlpi_tensor_retain(y);
    return MLP_OK;
  }
  for (int i = 0; i < p->a.ndim; i++) a.axis[i] = (int64_t)p->a.shape[i];
  return mlpi_apply1("reshape", &a, y, out);
}

static mlp_Status host_loss (void *ud, mlp_Tensor *y, mlp_Tensor *p,
                             mlp_Tensor **out) {
  HostLoss *h = ud;
  lua_State *L = h->rt->host;
  *out = NULL;
  if (!lua_checkstack(L, 10))
    return mlpi_error(h->rt, MLP_ENOMEM, "loss: stack overflow");
  lua_pushcfunction(L, call_host_loss);
  lua_rawgeti(L, LUA_REGISTRYINDEX, h->ref);
  mlp_Status s = host_target(y, p, mlpi_newtensor(L));
  if (s != MLP_OK) {
    lua_pop(L, 3);
    return s;
  }
  *mlpi_newtensor(L) = mlpi_tensor_retain(p);
  lua_pushlightuserdata(L, out);
  if (lua_pcall(L, 4, 0, 0) == LUA_OK) return MLP_OK;
  lua_setfield(L, LUA_REGISTRYINDEX, MLPI_CALLBACK_ERROR);
  return mlpi_error(h->rt, MLP_ECALLBACK, "an error in the loss function");
}

static void set_host_loss (lua_State *L, mlp_Model *m, int arg) {
  HostLoss *h = mlpi_alloc(m->rt, sizeof *h);
  if (h == NULL) mlpi_check(L, MLP_ENOMEM);
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  *h = (HostLoss){ .rt = m->rt, .main = lua_tothread(L, -1), .ref = LUA_NOREF };
  m->host_loss = host_loss;
  m->host_free = free_host_loss;
  m->host_ud = h;
  lua_pushvalue(L, arg);
  h->ref = luaL_ref(L, LUA_REGISTRYINDEX);
}

/* core.model_compile(model, optimizer, loss object or function, metrics) */
static int model_compile (lua_State *L) {
  mlp_Model *m = to_model(L, 1);
  mlp_Object *optimizer = mlpi_tobox(L, 2, MLPI_OBJECT);
  mlp_Object *loss = mlpi_testbox(L, 3, MLPI_OBJECT);
  mlp_Object *metric[MLPI_METRICS];
  luaL_checktype(L, 4, LUA_TTABLE);
  int n = (int)lua_rawlen(L, 4);
  if (n > MLPI_METRICS) n = MLPI_METRICS;
  luaL_checkstack(L, n + 8, NULL);
  for (int i = 0; i < n; i++) {
    lua_rawgeti(L, 4, i + 1);
    metric[i] = mlpi_tobox(L, -1, MLPI_OBJECT);
  }
  mlpi_check(L, mlpi_model_compile(m, optimizer, loss, n, metric));
  if (loss == NULL) {
    luaL_checktype(L, 3, LUA_TFUNCTION);
    set_host_loss(L, m, 3);
  }
  return 0;
}

static int lost_loss (lua_State *L) {
  return mlpi_raise(L, MLP_ESTATE,
                    "loss: the function is not known any more; call "
                    "model:compile again");
}

/* core.model_objects(model): its loss (nil: not compiled; a function for one
** written in Lua), the list of its metrics */
static int model_objects (lua_State *L) {
  mlp_Model *m = to_model(L, 1);
  if (m->loss != NULL)
    mlpi_push_object(L, m->loss);
  else if (m->host_loss != NULL)
    lua_pushcfunction(L, lost_loss);
  else
    lua_pushnil(L);
  lua_createtable(L, m->n_metrics, 0);
  for (int i = 0; i < m->n_metrics; i++) {
    mlpi_push_object(L, m->metric[i]);
    lua_rawseti(L, -2, i + 1);
  }
  return 2;
}

/* model:loss(y, p): the loss and all penalties */
static int model_loss (lua_State *L) {
  mlp_Model *m = to_model(L, 1);
  mlp_Tensor *y = mlpi_totensor(L, 2), *p = mlpi_totensor(L, 3);
  mlpi_check(L, mlpi_model_loss(m, y, p, mlpi_newtensor(L)));
  return 1;
}

static int model_step (lua_State *L) {
  mlpi_check(L, mlpi_model_step(to_model(L, 1)));
  return 0;
}

/* core.model_use_average(model): weights become their averages, if any */
static int model_use_average (lua_State *L) {
  mlpi_model_use_average(to_model(L, 1));
  return 0;
}

/* An optimizer's state outside of its model: see mlp.lr_find. */
typedef struct State {
  mlp_Runtime *rt;
  mlpi_Storage *slots;
  uint64_t iterations;
} State;

static void release_state (void *p) {
  State *s = p;
  mlp_Runtime *rt = s->rt;
  mlpi_storage_release(s->slots);
  mlpi_free(rt, s, sizeof *s);
}

/* core.model_take_state(model): its optimizer starts anew */
static int model_take_state (lua_State *L) {
  mlp_Model *m = to_model(L, 1);
  State **box = (State **)mlpi_newbox(L, STATE);
  State *s = mlpi_alloc(m->rt, sizeof *s);
  if (s == NULL) mlpi_check(L, MLP_ENOMEM);
  *s = (State){ m->rt, m->slots, m->iterations };
  *box = s;
  m->slots = NULL;
  m->iterations = 0;
  return 1;
}

/* core.model_give_state(model, state): what was taken from it */
static int model_give_state (lua_State *L) {
  mlp_Model *m = to_model(L, 1);
  State *s = mlpi_tobox(L, 2, STATE);
  mlpi_storage_release(m->slots);
  m->slots = s->slots;
  m->iterations = s->iterations;
  s->slots = NULL;
  return 0;
}

static int model_zero_grad (lua_State *L) {
  mlpi_model_zero_grad(to_model(L, 1));
  return 0;
}

static int model_hash (lua_State *L) {
  char hex[65];
  mlpi_check(L, mlpi_model_hash(to_model(L, 1), hex));
  lua_pushstring(L, hex);
  return 1;
}

static int model_count (lua_State *L) {
  lua_pushinteger(
      L, (lua_Integer)mlpi_model_count(to_model(L, 1), lua_toboolean(L, 2)));
  return 1;
}

static void push_layer (lua_State *L, mlp_Layer *l) {
  *mlpi_newbox(L, MLPI_LAYER) = mlpi_layer_retain(l);
}

/* core.model_uses(model): list of { layer, inputs, shape of the output } */
static int model_uses (lua_State *L) {
  mlp_Model *m = to_model(L, 1);
  mlpi_Array *shape =
      lua_newuserdatauv(L, (size_t)(m->n_uses + 1) * sizeof *shape, 0);
  if (m->built) mlpi_check(L, mlpi_model_shapes(m, 2, shape));
  lua_createtable(L, m->n_uses, 0);
  for (int i = 0; i < m->n_uses; i++) {
    lua_createtable(L, 0, 3);
    push_layer(L, m->use[i].layer), lua_setfield(L, -2, "layer");
    lua_newtable(L);
    for (int j = 0; j < m->use[i].n_in; j++) {
      lua_pushinteger(L, m->use[i].in[j] + 1);
      lua_rawseti(L, -2, j + 1);
    }
    lua_setfield(L, -2, "inputs");
    lua_newtable(L); /* without the batch */
    for (int d = 1; m->built && d < shape[i].ndim; d++) {
      lua_pushinteger(L, (lua_Integer)shape[i].shape[d]);
      lua_rawseti(L, -2, d);
    }
    lua_setfield(L, -2, "shape");
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

/* model.layers, .optimizer, .iterations, .built, .input_shape, .dtype */
static int model_index (lua_State *L) {
  mlp_Model *m = to_model(L, 1);
  const char *key = luaL_checkstring(L, 2);
  if (strcmp(key, "layers") == 0) {
    lua_createtable(L, m->n_layers, 0);
    for (int i = 0; i < m->n_layers; i++) {
      push_layer(L, m->layer[i]);
      lua_rawseti(L, -2, i + 1);
    }
  } else if (strcmp(key, "optimizer") == 0) {
    if (m->optimizer == NULL)
      lua_pushnil(L);
    else
      mlpi_push_object(L, m->optimizer);
  } else if (strcmp(key, "iterations") == 0) {
    lua_pushinteger(L, (lua_Integer)m->iterations);
  } else if (strcmp(key, "built") == 0) {
    lua_pushboolean(L, m->built);
  } else if (strcmp(key, "dtype") == 0) {
    lua_pushstring(L, mlpi_dtype_name(m->dtype));
  } else if (strcmp(key, "input_shape") == 0) {
    lua_newtable(L);
    for (int i = 1; i < m->in_ndim; i++) {
      lua_pushinteger(L, (lua_Integer)m->in_shape[i]);
      lua_rawseti(L, -2, i);
    }
  } else {
    lua_pushvalue(L, 2);
    lua_rawget(L, lua_upvalueindex(1));
  }
  return 1;
}

/* A box that holds the model while it is in fit. */
static int end_busy (lua_State *L) {
  mlp_Model **box = luaL_checkudata(L, 1, BUSY);
  if (*box != NULL) {
    (*box)->busy = false;
    mlpi_model_release(*box);
  }
  *box = NULL;
  return 0;
}

/* core.model_busy(model): a value whose close ends it, or nil where the model
** is busy already. An error may strike before that value is in its variable:
** then the collector ends it. */
static int model_busy (lua_State *L) {
  mlp_Model *m = to_model(L, 1);
  if (m->busy) lua_gc(L, LUA_GCCOLLECT);
  if (m->busy) return 0;
  mlp_Model **box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = NULL;
  luaL_setmetatable(L, BUSY);
  *box = mlpi_model_retain(m);
  m->busy = true;
  return 1;
}

/*
** Passes
*/

static mlpi_Run *to_run (lua_State *L) {
  mlpi_Run *r = mlpi_tobox(L, 1, RUN);
  r->rt->host = L;
  return r;
}

/* core.run(model, "train" | "evaluate" | "predict", x, y, batch_size, epoch,
** epochs) */
static int run_new (lua_State *L) {
  static const char *const modes[] = { "train", "evaluate", "predict", NULL };
  mlp_Model *m = to_model(L, 1);
  int mode = luaL_checkoption(L, 2, NULL, modes);
  mlp_Tensor *x = mlpi_totensor(L, 3);
  mlp_Tensor *y = lua_isnil(L, 4) ? NULL : mlpi_totensor(L, 4);
  lua_Integer size = luaL_checkinteger(L, 5);
  lua_Integer epoch = luaL_optinteger(L, 6, 0);
  lua_Integer epochs = luaL_optinteger(L, 7, 0);
  mlpi_Run **box = (mlpi_Run **)mlpi_newbox(L, RUN);
  if (size < 1)
    mlpi_raise(L, MLP_EARG, "batch_size: expected at least 1, got %d",
               (int)size);
  mlpi_check(L, mlpi_run_new(m, (mlpi_Mode)mode, x, y, (size_t)size,
                             (uint64_t)epoch, box));
  (*box)->epochs = (uint64_t)epochs;
  if ((*box)->out != NULL) mlpi_account(L, (*box)->out->storage->bytes);
  return 1;
}

/* run:on(batches, seconds): is it done? */
static int run_on (lua_State *L) {
  mlpi_Run *r = to_run(L);
  lua_Integer batches = luaL_optinteger(L, 2, 0);
  mlpi_check(L, mlpi_run_on(r, (size_t)batches, luaL_optnumber(L, 3, 1e9)));
  lua_pushboolean(L, r->done);
  return 1;
}

/* run:hold(): gradients of the next batch; its step comes with run:on */
static int run_hold (lua_State *L) {
  mlpi_check(L, mlpi_run_hold(to_run(L)));
  return 0;
}

static int run_restart (lua_State *L) {
  mlpi_run_restart(to_run(L), (uint64_t)luaL_checkinteger(L, 2));
  return 0;
}

/* run.loss, .batch_loss, .batches, .output, .done, .diverged; run[i] is
** the value of metric i */
static int run_index (lua_State *L) {
  mlpi_Run *r = to_run(L);
  if (lua_isinteger(L, 2)) {
    lua_Integer i = lua_tointeger(L, 2);
    if (i < 1 || i > r->model->n_metrics)
      lua_pushnil(L);
    else
      lua_pushnumber(L, mlpi_run_metric(r, (int)i - 1));
    return 1;
  }
  const char *key = luaL_checkstring(L, 2);
  if (strcmp(key, "loss") == 0)
    lua_pushnumber(L, mlpi_run_loss(r));
  else if (strcmp(key, "batch_loss") == 0)
    lua_pushnumber(L, r->batch_loss);
  else if (strcmp(key, "batches") == 0)
    lua_pushinteger(L, (lua_Integer)r->batches);
  else if (strcmp(key, "done") == 0)
    lua_pushboolean(L, r->done);
  else if (strcmp(key, "diverged") == 0)
    lua_pushboolean(L, r->diverged);
  else if (strcmp(key, "output") == 0 && r->out != NULL)
    *mlpi_newtensor(L) = mlpi_tensor_retain(r->out);
  else {
    lua_pushvalue(L, 2);
    lua_rawget(L, lua_upvalueindex(1));
  }
  return 1;
}

static const luaL_Reg model_methods[] = { { "build", model_build },
                                          { "loss", model_loss },
                                          { "step", model_step },
                                          { "zero_grad", model_zero_grad },
                                          { "hash", model_hash },
                                          { "count", model_count },
                                          { NULL, NULL } };
static const luaL_Reg busy_meta[] = { { "__close", end_busy },
                                      { "__gc", end_busy },
                                      { NULL, NULL } };
static const luaL_Reg run_methods[] = { { "on", run_on },
                                        { "hold", run_hold },
                                        { "restart", run_restart },
                                        { NULL, NULL } };
static const luaL_Reg functions[] = { { "model", model_new },
                                      { "model_add", model_add },
                                      { "model_call", model_call },
                                      { "model_compile", model_compile },
                                      { "model_uses", model_uses },
                                      { "model_objects", model_objects },
                                      { "model_busy", model_busy },
                                      { "run", run_new },
                                      { "model_use_average",
                                        model_use_average },
                                      { "model_take_state", model_take_state },
                                      { "model_give_state", model_give_state },
                                      { NULL, NULL } };

void mlpi_open_model (lua_State *L);
void mlpi_open_model (lua_State *L) {
  mlpi_newtype(L, MLPI_MODEL, NULL, model_methods, release_model);
  mlpi_index_with(L, MLPI_MODEL, model_index);
  luaL_newmetatable(L, BUSY);
  luaL_setfuncs(L, busy_meta, 0);
  lua_pop(L, 1);
  mlpi_newtype(L, RUN, NULL, run_methods, release_run);
  mlpi_index_with(L, RUN, run_index);
  mlpi_newtype(L, STATE, NULL, NULL, release_state);
  luaL_setfuncs(L, functions, 0);
}
