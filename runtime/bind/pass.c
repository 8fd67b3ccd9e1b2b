/*
** pass.c - passes over data as Lua values; lua/mlp/fit.lua and model.lua decide
** what they are for.
*/
#include "bind/model.h"
#include "train/train.h"

#include <string.h>

#define RUN "mlp.Run"

static void release_run (void *p) { mlpi_run_release(p); }

static mlp_Tensor *one_tensor (lua_State *L, int arg, bool absent) {
  return absent && !lua_toboolean(L, arg) ? NULL : mlpi_totensor(L, arg);
}

void mlpi_totensors (lua_State *L, int arg, const char *who, const char *what,
                     int n, bool absent, mlp_Tensor **t) {
  if (!lua_istable(L, arg)) {
    for (int i = 1; i < n; i++) t[i] = NULL;
    if (n > 1 && !(absent && !lua_toboolean(L, arg)))
      mlpi_raise(L, MLP_EARG, "%s: expected a list of %d %s, got %s", who, n,
                 what, luaL_typename(L, arg));
    t[0] = one_tensor(L, arg, absent);
    return;
  }
  if ((int)lua_rawlen(L, arg) > n || (!absent && (int)lua_rawlen(L, arg) < n))
    mlpi_raise(L, MLP_EARG, "%s: expected %d %s, got %d", who, n, what,
               (int)lua_rawlen(L, arg));
  for (int i = 0; i < n; i++) {
    lua_rawgeti(L, arg, i + 1);
    t[i] = one_tensor(L, lua_gettop(L), absent);
    lua_pop(L, 1); /* the list keeps it */
  }
}

static mlpi_Run *to_run (lua_State *L) {
  mlpi_Run *r = mlpi_tobox(L, 1, RUN);
  r->rt->host = L;
  return r;
}

static void to_feed (lua_State *L, const mlp_Model *m, int x, int y, int w,
                     mlpi_Feed *feed) {
  mlpi_totensors(L, x, "model", "inputs x", m->n_in, false, feed->x);
  mlpi_totensors(L, y, "model", "targets y", m->n_out, true, feed->y);
  mlpi_totensors(L, w, "model", "sample weights", m->n_out, true, feed->w);
}

/* core.run(model, "train" | "evaluate" | "predict", x, y, batch_size, epoch,
** epochs, w): x, y, w tensors or lists of them, one an input or output */
static int run_new (lua_State *L) {
  static const char *const modes[] = { "train", "evaluate", "predict", NULL };
  mlp_Model *m = mlpi_tobox(L, 1, MLPI_MODEL);
  mlpi_Feed feed;
  int mode = luaL_checkoption(L, 2, NULL, modes);
  lua_settop(L, 8);
  m->rt->host = L;
  to_feed(L, m, 3, 4, 8, &feed);
  lua_Integer size = luaL_checkinteger(L, 5);
  lua_Integer epoch = luaL_optinteger(L, 6, 0);
  lua_Integer epochs = luaL_optinteger(L, 7, 0);
  mlpi_Run **box = (mlpi_Run **)mlpi_newbox(L, RUN);
  if (size < 1)
    mlpi_raise(L, MLP_EARG, "batch_size: expected at least 1, got %d",
               (int)size);
  mlpi_check(L, mlpi_run_new(m, (mlpi_Mode)mode, &feed, (size_t)size,
                             (uint64_t)epoch, box));
  (*box)->epochs = (uint64_t)epochs;
  for (int i = 0; i < m->n_out; i++)
    if ((*box)->out[i] != NULL) mlpi_account(L, (*box)->out[i]->storage->bytes);
  return 1;
}

/* run:on(batches, seconds): is it done? And the batches so far, the loss of
** the last one. */
static int run_on (lua_State *L) {
  mlpi_Run *r = to_run(L);
  lua_Integer batches = luaL_optinteger(L, 2, 0);
  mlpi_check(L, mlpi_run_on(r, (size_t)batches, luaL_optnumber(L, 3, 1e9)));
  lua_pushboolean(L, r->done);
  lua_pushinteger(L, (lua_Integer)r->batches);
  lua_pushnumber(L, r->batch_loss);
  return 3;
}

/* run:hold(): gradients of the next batch; its step comes with run:on */
static int run_hold (lua_State *L) {
  mlpi_check(L, mlpi_run_hold(to_run(L)));
  return 0;
}

/* run:restart(epoch, other): other: a run that may have that order of rows */
static int run_restart (lua_State *L) {
  mlpi_run_restart(to_run(L), (uint64_t)luaL_checkinteger(L, 2),
                   mlpi_testbox(L, 3, RUN));
  return 0;
}

/* run:clear(epoch): sums and counts begin anew */
static int run_clear (lua_State *L) {
  mlpi_run_clear(to_run(L), (uint64_t)luaL_checkinteger(L, 2));
  return 0;
}

/* run:turn(order): the rows begin anew */
static int run_turn (lua_State *L) {
  mlpi_run_turn(to_run(L), (uint64_t)luaL_checkinteger(L, 2));
  return 0;
}

/* run:feed(x, y, w): one batch of other rows */
static int run_feed (lua_State *L) {
  mlpi_Run *r = to_run(L);
  mlpi_Feed feed;
  lua_settop(L, 4);
  to_feed(L, r->model, 2, 3, 4, &feed);
  mlpi_check(L, mlpi_run_feed(r, &feed));
  return 0;
}

/* The predictions: a tensor, or a list where there are several outputs. */
static void push_outputs (lua_State *L, const mlpi_Run *r) {
  const int n = r->model->n_out;
  if (n > 1) {
    lua_createtable(L, n, 0);
    mlpi_mark_fields(L);
  }
  for (int i = 0; i < n; i++) {
    *mlpi_newtensor(L) = mlpi_tensor_retain(r->out[i]);
    if (n > 1) lua_rawseti(L, -2, i + 1);
  }
}

/* run:part(i): the mean loss of output i alone */
static int run_part (lua_State *L) {
  const mlpi_Run *r = to_run(L);
  lua_Integer i = luaL_checkinteger(L, 2);
  if (i < 1 || i > r->model->n_out) return 0;
  lua_pushnumber(L, mlpi_run_part(r, (int)i - 1));
  return 1;
}

/* { layer, op, inner, value, weights, gradient, rows = { ... }, n } */
static void push_culprit (lua_State *L, const mlpi_Run *r) {
  const mlpi_Culprit *c = &r->culprit;
  lua_createtable(L, 0, 8);
  lua_pushstring(L, c->layer);
  lua_setfield(L, -2, "layer");
  lua_pushstring(L, c->op);
  lua_setfield(L, -2, "op");
  lua_pushstring(L, c->inner); /* nil where that is not known */
  lua_setfield(L, -2, "inner");
  lua_pushnumber(L, c->value);
  lua_setfield(L, -2, "value");
  lua_pushboolean(L, c->weights);
  lua_setfield(L, -2, "weights");
  lua_pushboolean(L, c->gradient);
  lua_setfield(L, -2, "gradient");
  lua_pushinteger(L, (lua_Integer)r->bad_rows);
  lua_setfield(L, -2, "n");
  lua_newtable(L);
  for (size_t i = 0; i < r->bad_rows && i < MLPI_BAD_ROWS; i++) {
    lua_pushinteger(L, (lua_Integer)r->bad_row[i] + 1);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lua_setfield(L, -2, "rows");
}

/* run.loss, .batch_loss, .batches, .output, .done, .diverged, .stalled; run[i]
 *is
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
  else if (strcmp(key, "stalled") == 0)
    lua_pushboolean(L, r->stalled);
  else if (strcmp(key, "culprit") == 0 && r->diverged)
    push_culprit(L, r);
  else if (strcmp(key, "output") == 0 && r->mode == MLPI_PREDICT)
    push_outputs(L, r);
  else {
    lua_pushvalue(L, 2);
    lua_rawget(L, lua_upvalueindex(1));
  }
  return 1;
}

static const luaL_Reg run_methods[] = {
  { "on", run_on },           { "hold", run_hold },   { "part", run_part },
  { "restart", run_restart }, { "clear", run_clear }, { "turn", run_turn },
  { "feed", run_feed },       { NULL, NULL }
};

/* The number in a table of options that has nothing but a batch size; else 0.
 */
static size_t batch_size_alone (lua_State *L, int arg) {
  if (!lua_istable(L, arg)) return 0;
  lua_pushnil(L);
  if (lua_next(L, arg) == 0) return 0;
  const bool known = lua_type(L, -2) == LUA_TSTRING &&
                     strcmp(lua_tostring(L, -2), "batch_size") == 0;
  const lua_Integer n =
      known && lua_isinteger(L, -1) ? lua_tointeger(L, -1) : 0;
  lua_pop(L, 1);
  if (lua_next(L, arg) == 0) return n < 1 ? 0 : (size_t)n;
  lua_pop(L, 2);
  return 0;
}

/* core.predict(model, x, options): the output, without a run; nothing where x
** is no tensor of one batch, the model has several inputs or outputs, or there
** are options besides the batch's size */
static int predict (lua_State *L) {
  mlp_Model *m = mlpi_tobox(L, 1, MLPI_MODEL);
  mlp_Tensor *x = mlpi_testbox(L, 2, MLPI_TENSOR);
  const size_t size = batch_size_alone(L, 3);
  if (x == NULL || x->storage == NULL || x->a.ndim == 0) return 0;
  if (m->n_in > 1 || m->n_out > 1) return 0;
  if (x->a.shape[0] == 0 || x->a.shape[0] > size) return 0;
  const mlpi_Feed feed = { .x = { x } };
  m->rt->host = L;
  mlp_Tensor **out = mlpi_newtensor(L);
  mlpi_check(L, mlpi_predict_on_batch(m, &feed, out));
  mlpi_account(L, (*out)->storage->bytes);
  return 1;
}

static const luaL_Reg functions[] = { { "run", run_new },
                                      { "predict", predict },
                                      { NULL, NULL } };

void mlpi_open_pass (lua_State *L);
void mlpi_open_pass (lua_State *L) {
  mlpi_newtype(L, RUN, NULL, run_methods, release_run);
  mlpi_index_with(L, RUN, run_index);
  luaL_setfuncs(L, functions, 0);
}
