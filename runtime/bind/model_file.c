/*
** model_file.c - models to and from files, for lua/mlp/file.lua, which makes
** and reads the description of what they are made of.
*/
#include "bind/model.h"
#include "model/file.h"

#define FILE_TYPE "mlp.ModelFile"

static void release (void *p) { mlpi_safetensors_free(p); }

/* core.model_write(who, model, path, architecture or nil, optimizer) */
static int model_write (lua_State *L) {
  const char *who = luaL_checkstring(L, 1);
  mlp_Model *m = mlpi_tobox(L, 2, MLPI_MODEL);
  mlpi_check(L, mlpi_model_write(m, who, luaL_checkstring(L, 3),
                                 luaL_optstring(L, 4, NULL),
                                 lua_toboolean(L, 5), NULL));
  return 0;
}

/* core.model_file(who, path): the file; its architecture, or nil */
static int model_file (lua_State *L) {
  const char *who = luaL_checkstring(L, 1), *path = luaL_checkstring(L, 2);
  mlpi_Safetensors **box = (mlpi_Safetensors **)mlpi_newbox(L, FILE_TYPE);
  mlpi_check(L, mlpi_model_open(mlpi_runtime(L), who, path, box));
  mlpi_account(L, (*box)->bytes);
  lua_pushstring(L, mlpi_safetensors_metadata(*box, MLPI_ARCHITECTURE_KEY));
  return 2;
}

/* core.model_declare(model, shapes, dtype, types): as model:build, but the
** weights get no memory */
static int model_declare (lua_State *L) {
  mlpi_Array row[MLPI_PORTS];
  mlp_Model *m = mlpi_tobox(L, 1, MLPI_MODEL);
  m->rt->host = L;
  mlp_Dtype dtype = mlpi_todtype(L, 3, "load");
  lua_settop(L, 4);
  mlpi_torows(L, 2, 4, m, dtype, row);
  mlpi_check(L, mlpi_model_declare(m, dtype, row));
  return 0;
}

/* core.model_read(who, model, path, file, optimizer) */
static int model_read (lua_State *L) {
  const char *who = luaL_checkstring(L, 1), *path = luaL_checkstring(L, 3);
  mlp_Model *m = mlpi_tobox(L, 2, MLPI_MODEL);
  const mlpi_Safetensors *file = mlpi_tobox(L, 4, FILE_TYPE);
  mlpi_check(L, mlpi_model_read(m, who, path, file, lua_toboolean(L, 5)));
  mlpi_account(L, mlpi_model_count(m, false) * mlpi_dtype_size(m->dtype));
  return 0;
}

/* Add a number to the list on top. */
static void put_number (lua_State *L, uint64_t number) {
  lua_pushinteger(L, (lua_Integer)number);
  lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
}

/* Of a layer, then of its parts. */
static void put_stream (lua_State *L, const mlp_Layer *l) {
  put_number(L, l->seed);
  put_number(L, l->model);
  put_number(L, l->index);
  for (int i = 0; i < l->n_parts; i++) put_stream(L, l->parts[i]);
}

/* core.model_streams(model): what random numbers it draws next: { seed,
** ordinal, steps made }, then { seed, ordinal, index } of each layer; of one
** that is made of others theirs follow in the same list */
static int model_streams (lua_State *L) {
  const mlp_Model *m = mlpi_tobox(L, 1, MLPI_MODEL);
  int n = 1;
  lua_newtable(L);
  lua_newtable(L);
  put_number(L, m->seed);
  put_number(L, m->ordinal);
  put_number(L, m->iterations);
  lua_rawseti(L, -2, 1);
  for (int i = 0; i < m->n_layers; i++) {
    if (m->layer[i]->made) continue;
    lua_newtable(L);
    put_stream(L, m->layer[i]);
    lua_rawseti(L, -2, ++n);
  }
  return 1;
}

/* Number i of the list on top. */
static uint64_t get_number (lua_State *L, int i) {
  int ok;
  lua_rawgeti(L, -1, i);
  uint64_t number = (uint64_t)lua_tointegerx(L, -1, &ok);
  if (!ok) mlpi_raise(L, MLP_EFORMAT, "streams: expected whole numbers");
  lua_pop(L, 1);
  return number;
}

/* Of a layer and its parts, behind element *at of the list on top. */
static void get_stream (lua_State *L, mlp_Layer *l, int *at) {
  l->seed = get_number(L, ++*at);
  l->model = (uint32_t)get_number(L, ++*at);
  l->index = (uint32_t)get_number(L, ++*at);
  for (int i = 0; i < l->n_parts; i++) get_stream(L, l->parts[i], at);
}

static void open_list (lua_State *L, int i) {
  if (lua_rawgeti(L, 2, i) != LUA_TTABLE)
    mlpi_raise(L, MLP_EFORMAT, "streams: expected a list of numbers");
}

/* core.model_set_streams(model, streams): once it is built */
static int model_set_streams (lua_State *L) {
  mlp_Model *m = mlpi_tobox(L, 1, MLPI_MODEL);
  int n = 1;
  luaL_checktype(L, 2, LUA_TTABLE);
  open_list(L, 1);
  m->seed = get_number(L, 1);
  m->ordinal = (uint32_t)get_number(L, 2);
  m->iterations = get_number(L, 3);
  for (int i = 0; i < m->n_layers; i++) {
    int at = 0;
    if (m->layer[i]->made) continue;
    open_list(L, ++n);
    get_stream(L, m->layer[i], &at);
    lua_settop(L, 2);
  }
  return 0;
}

void mlpi_open_model_file (lua_State *L);
void mlpi_open_model_file (lua_State *L) {
  static const luaL_Reg functions[] = { { "model_write", model_write },
                                        { "model_file", model_file },
                                        { "model_declare", model_declare },
                                        { "model_read", model_read },
                                        { "model_streams", model_streams },
                                        { "model_set_streams",
                                          model_set_streams },
                                        { NULL, NULL } };
  mlpi_newtype(L, FILE_TYPE, NULL, NULL, release);
  luaL_setfuncs(L, functions, 0);
}
