/*
** npy.c - NumPy's files, for Lua.
*/
#include "bind/dataset.h"
#include "bind/tensor.h"
#include "data/npy.h"

#define NPZ "mlp.Npz" /* owns what was read, so that Lua may raise */

static void release (void *p) { mlpi_npz_free(p); }

static int load_npy (lua_State *L) { /* core.npy(path, bytes): of the bytes */
  size_t n;
  const char *path = mlpi_topath(L, 1, "npy");
  const char *bytes = luaL_optlstring(L, 2, NULL, &n);
  mlp_Tensor **t = mlpi_newtensor(L);
  mlpi_check(L, bytes == NULL
                    ? mlpi_load_npy(mlpi_runtime(L), path, t)
                    : mlpi_parse_npy(mlpi_runtime(L), path, bytes, n, t));
  mlpi_account_tensor(L, *t);
  return 1;
}

static int map_npy (lua_State *L) { /* core.map_npy(path) */
  const char *path = mlpi_topath(L, 1, "npy");
  mlp_Tensor **t = mlpi_newtensor(L);
  mlpi_check(L, mlpi_map_npy(mlpi_runtime(L), path, t));
  return 1; /* the collector need not hurry: its pages are the file's */
}

static int save_npy (lua_State *L) { /* core.save_npy(path, tensor) */
  const char *path = mlpi_topath(L, 1, "save_npy");
  mlp_Tensor *t = mlpi_totensor(L, 2);
  mlpi_check_values(L, t, "save_npy");
  mlpi_check(L, mlpi_save_npy(mlpi_runtime(L), path, &t->a));
  return 0;
}

static int load_npz (lua_State *L) { /* core.npz(path): tensors by name */
  const char *path = mlpi_topath(L, 1, "npz");
  mlpi_Npz **box = (mlpi_Npz **)mlpi_newbox(L, NPZ);
  mlpi_check(L, mlpi_load_npz(mlpi_runtime(L), path, box));
  lua_createtable(L, 0, (int)(*box)->n);
  for (size_t i = 0; i < (*box)->n; i++) {
    *mlpi_newtensor(L) = mlpi_tensor_retain((*box)->tensor[i]);
    mlpi_account_tensor(L, (*box)->tensor[i]);
    lua_setfield(L, -2, (*box)->name[i]);
  }
  return 1;
}

/* core.save_npz(path, names, tensors, packed) */
static int save_npz (lua_State *L) {
  const char *path = mlpi_topath(L, 1, "save_npz");
  luaL_checktype(L, 2, LUA_TTABLE);
  luaL_checktype(L, 3, LUA_TTABLE);
  size_t n = lua_rawlen(L, 2);
  const char **names = lua_newuserdatauv(L, (n + 1) * sizeof *names, 0);
  mlpi_Array *arrays = lua_newuserdatauv(L, (n + 1) * sizeof *arrays, 0);
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, 2, (lua_Integer)i + 1);
    lua_rawgeti(L, 3, (lua_Integer)i + 1);
    names[i] = luaL_checkstring(L, -2); /* the lists keep both */
    mlp_Tensor *t = mlpi_totensor(L, -1);
    mlpi_check_values(L, t, "save_npz");
    arrays[i] = t->a;
    lua_pop(L, 2);
  }
  mlpi_check(L, mlpi_save_npz(mlpi_runtime(L), path, n, names, arrays,
                              lua_toboolean(L, 4)));
  return 0;
}

void mlpi_open_npy (lua_State *L);
void mlpi_open_npy (lua_State *L) {
  static const luaL_Reg functions[] = {
    { "npy", load_npy }, { "map_npy", map_npy },   { "save_npy", save_npy },
    { "npz", load_npz }, { "save_npz", save_npz }, { NULL, NULL }
  };
  mlpi_newtype(L, NPZ, NULL, NULL, release);
  luaL_setfuncs(L, functions, 0);
}
