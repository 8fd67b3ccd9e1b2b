/*
** many.c - runs of several models, on together; lua/mlp/fit_many.lua decides
** which.
*/
#include "bind/model.h"
#include "model/group.h"
#include "train/train.h"

#include <stdlib.h>

#define RUN  "mlp.Run"
#define MANY "mlp.Many"

static void release_many (void *p) { mlpi_many_release(p); }

/* core.models_alike(a, b): would both be compiled to the same plan? */
static int models_alike (lua_State *L) {
  const mlp_Model *a = mlpi_tobox(L, 1, MLPI_MODEL);
  const mlp_Model *b = mlpi_tobox(L, 2, MLPI_MODEL);
  lua_pushboolean(L, mlpi_models_alike(a, b));
  return 1;
}

/* A layer, and the number of a model that has it. */
typedef struct Owned {
  const mlp_Layer *layer;
  lua_Integer model;
} Owned;

static int by_layer (const void *a, const void *b) {
  const Owned *x = a, *y = b;
  if (x->layer != y->layer)
    return (uintptr_t)x->layer < (uintptr_t)y->layer ? -1 : 1;
  return (x->model > y->model) - (x->model < y->model);
}

/* Has it weights, or may it get some? */
static bool is_weighty (const mlp_Layer *l) {
  return l->built ? l->n_weights > 0
                  : ((const mlp_LayerKind *)l->o->kind)->build != NULL;
}

static const mlp_Model *model_at (lua_State *L, lua_Integer i) {
  lua_rawgeti(L, 1, i);
  const mlp_Model *m = mlpi_tobox(L, -1, MLPI_MODEL);
  lua_pop(L, 1); /* the list keeps it */
  return m;
}

/* core.models_share(models): the numbers of two that have a layer with weights
** in common, of the first such two; nothing where there are none */
static int models_share (lua_State *L) {
  const lua_Integer n = luaL_len(L, 1);
  size_t count = 0, k = 0;
  for (lua_Integer i = 1; i <= n; i++)
    count += (size_t)model_at(L, i)->n_layers;
  Owned *list = lua_newuserdatauv(L, (count + 1) * sizeof *list, 0);
  for (lua_Integer i = 1; i <= n; i++) {
    const mlp_Model *m = model_at(L, i);
    for (int j = 0; j < m->n_layers; j++)
      if (is_weighty(m->layer[j])) list[k++] = (Owned){ m->layer[j], i };
  }
  qsort(list, count = k, sizeof *list, by_layer);
  const Owned *found = NULL;
  for (size_t i = 1; i < count; i++)
    if (list[i].layer == list[i - 1].layer &&
        (found == NULL || list[i].model < found->model))
      found = &list[i];
  if (found == NULL) return 0;
  lua_pushinteger(L, found[-1].model);
  lua_pushinteger(L, found->model);
  return 2;
}

/* core.model_build_for(model, x): declare and draw its weights, where that was
** not done */
static int model_build_for (lua_State *L) {
  mlp_Model *m = mlpi_tobox(L, 1, MLPI_MODEL);
  mlp_Tensor *x[MLPI_PORTS];
  m->rt->host = L;
  mlpi_totensors(L, 2, "model", "inputs x", m->n_in, false, x);
  mlpi_check(L, mlpi_model_build_for(m, x));
  return 0;
}

/* core.run_beside(run, model, x, y, epoch, epochs, w): as core.run, for a model
** that is alike to that of the run; nothing is compiled */
static int run_beside (lua_State *L) {
  const mlpi_Run *other = mlpi_tobox(L, 1, RUN);
  mlp_Model *m = mlpi_tobox(L, 2, MLPI_MODEL);
  mlpi_Feed feed;
  lua_settop(L, 7);
  m->rt->host = L;
  mlpi_totensors(L, 3, "model", "inputs x", m->n_in, false, feed.x);
  mlpi_totensors(L, 4, "model", "targets y", m->n_out, true, feed.y);
  mlpi_totensors(L, 7, "model", "sample weights", m->n_out, true, feed.w);
  lua_Integer epoch = luaL_optinteger(L, 5, 0);
  lua_Integer epochs = luaL_optinteger(L, 6, 0);
  mlpi_Run **box = (mlpi_Run **)mlpi_newbox(L, RUN);
  mlpi_check(L, mlpi_run_new_beside(other, m, &feed, (uint64_t)epoch, box));
  (*box)->epochs = (uint64_t)epochs;
  return 1;
}

/* core.many(runs): runs of models that are alike */
static int many_new (lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  const lua_Integer n = luaL_len(L, 1);
  mlpi_Run **run = lua_newuserdatauv(L, (size_t)n * sizeof(mlpi_Run *), 0);
  for (lua_Integer i = 1; i <= n; i++) {
    lua_rawgeti(L, 1, i);
    run[i - 1] = mlpi_tobox(L, -1, RUN);
    lua_pop(L, 1);
  }
  mlpi_Many **box = (mlpi_Many **)mlpi_newbox(L, MANY);
  mlpi_check(L, mlpi_many_new(mlpi_runtime(L), (size_t)n, run, box));
  lua_pushvalue(L, 1); /* the list keeps its runs */
  lua_setiuservalue(L, -2, 1);
  return 1;
}

/* many:on(seconds): are all done? */
static int many_on (lua_State *L) {
  mlpi_Many *m = mlpi_tobox(L, 1, MANY);
  bool done;
  mlpi_runtime(L)->host = L;
  mlpi_check(L, mlpi_many_on(m, luaL_optnumber(L, 2, 1e9), &done));
  lua_pushboolean(L, done);
  return 1;
}

static const luaL_Reg methods[] = { { "on", many_on }, { NULL, NULL } };
static const luaL_Reg functions[] = { { "models_alike", models_alike },
                                      { "models_share", models_share },
                                      { "model_build_for", model_build_for },
                                      { "run_beside", run_beside },
                                      { "many", many_new },
                                      { NULL, NULL } };

void mlpi_open_many (lua_State *L);
void mlpi_open_many (lua_State *L) {
  mlpi_newtype(L, MANY, NULL, methods, release_many);
  luaL_setfuncs(L, functions, 0);
}
