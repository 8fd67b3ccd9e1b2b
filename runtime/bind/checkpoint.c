/*
** checkpoint.c - what lua/mlp/fit/checkpoint.lua needs of the engine: where a
** pass is, the state of random numbers, and files that hold both a model and
** the rest of a training.
*/
#include "bind/tensor.h"
#include "model/file.h"
#include "train/train.h"

#include <string.h>

/* core.run_position(run): a float64 tensor for core.run_go_to */
static int run_position (lua_State *L) {
  const mlpi_Run *r = mlpi_tobox(L, 1, "mlp.Run");
  const size_t n = mlpi_run_position(r, NULL);
  mlp_Tensor **t = mlpi_newtensor(L);
  mlpi_check(L, mlpi_tensor_new(r->rt, MLP_FLOAT64, 1, &n, t));
  mlpi_run_position(r, (*t)->a.data);
  return 1;
}

/* core.run_go_to(run, epoch, order, position) */
static int run_go_to (lua_State *L) {
  mlpi_Run *r = mlpi_tobox(L, 1, "mlp.Run");
  const uint64_t epoch = (uint64_t)luaL_checkinteger(L, 2);
  const uint64_t order = (uint64_t)luaL_checkinteger(L, 3);
  const mlp_Tensor *t = mlpi_totensor(L, 4);
  if (t->a.dtype != MLP_FLOAT64 || !mlpi_contiguous(&t->a))
    return mlpi_raise(L, MLP_EFORMAT, "fit: expected a position in float64");
  mlpi_check(L, mlpi_run_go_to(r, epoch, order, mlpi_count(&t->a), t->a.data));
  return 0;
}

/* core.random_state(state): { seed, models made, draws of mlp.rand }; sets it
** where it is given */
static int random_state (lua_State *L) {
  mlp_Runtime *rt = mlpi_runtime(L);
  lua_Integer number[] = { (lua_Integer)rt->seed, (lua_Integer)rt->ordinal,
                           (lua_Integer)rt->draws };
  for (int i = 0; i < 3 && lua_istable(L, 1); i++) {
    lua_rawgeti(L, 1, i + 1);
    number[i] = luaL_checkinteger(L, -1);
    lua_pop(L, 1);
  }
  rt->seed = (uint64_t)number[0];
  rt->ordinal = (uint32_t)number[1];
  rt->draws = (uint64_t)number[2];
  lua_createtable(L, 3, 0);
  for (int i = 0; i < 3; i++) {
    lua_pushinteger(L, number[i]);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

/* The arrays of a list of { name, tensor } at 'arg', in a userdata on top. */
static mlpi_NamedArray *to_arrays (lua_State *L, int arg, size_t *n) {
  luaL_checktype(L, arg, LUA_TTABLE);
  *n = lua_rawlen(L, arg);
  mlpi_NamedArray *list = lua_newuserdatauv(L, (*n + 1) * sizeof *list, 0);
  for (size_t i = 0; i < *n; i++) {
    lua_rawgeti(L, arg, (lua_Integer)i + 1);
    lua_rawgeti(L, -1, 1);
    list[i].name = luaL_checkstring(L, -1);
    lua_rawgeti(L, -2, 2);
    list[i].array = mlpi_totensor(L, -1)->a;
    lua_pop(L, 3); /* the table at 'arg' keeps them */
  }
  return list;
}

/* core.checkpoint_write(who, model, path, architecture, training, arrays) */
static int checkpoint_write (lua_State *L) {
  const char *who = luaL_checkstring(L, 1), *path = luaL_checkstring(L, 3);
  mlp_Model *m = mlpi_tobox(L, 2, MLPI_MODEL);
  mlpi_Training training = { .text = luaL_checkstring(L, 5) };
  training.arrays = to_arrays(L, 6, &training.n);
  mlpi_check(L, mlpi_model_write(m, who, path, luaL_checkstring(L, 4), true,
                                 &training));
  return 0;
}

/* core.checkpoint_training(file): its text about the training, or nil */
static int checkpoint_training (lua_State *L) {
  const mlpi_Safetensors *file = mlpi_tobox(L, 1, "mlp.ModelFile");
  lua_pushstring(L, mlpi_safetensors_metadata(file, MLPI_TRAINING_KEY));
  return 1;
}

/* core.checkpoint_array(file, name): a copy */
static int checkpoint_array (lua_State *L) {
  const mlpi_Safetensors *file = mlpi_tobox(L, 1, "mlp.ModelFile");
  const char *name = luaL_checkstring(L, 2);
  const mlpi_Array *a = mlpi_safetensors_find(file, name);
  if (a == NULL)
    return mlpi_raise(L, MLP_EFORMAT, "fit: the checkpoint lacks '%s'", name);
  mlp_Tensor **t = mlpi_newtensor(L);
  mlpi_check(L, mlpi_tensor_new(file->rt, a->dtype, a->ndim, a->shape, t));
  mlpi_array_copy(a, &(*t)->a);
  return 1;
}

void mlpi_open_checkpoint (lua_State *L);
void mlpi_open_checkpoint (lua_State *L) {
  static const luaL_Reg functions[] = {
    { "run_position", run_position },
    { "run_go_to", run_go_to },
    { "random_state", random_state },
    { "checkpoint_write", checkpoint_write },
    { "checkpoint_training", checkpoint_training },
    { "checkpoint_array", checkpoint_array },
    { NULL, NULL }
  };
  luaL_setfuncs(L, functions, 0);
}
