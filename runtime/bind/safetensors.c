/*
** safetensors.c - named arrays in files, for Lua.
*/
#include "bind/dataset.h"
#include "bind/tensor.h"
#include "model/safetensors.h"

#define FILE_TYPE "mlp.Safetensors" /* owns what was read */

static void release (void *p) { mlpi_safetensors_free(p); }

/* core.safetensors(path): tensors by name, metadata */
static int load (lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  mlpi_Safetensors **box = (mlpi_Safetensors **)mlpi_newbox(L, FILE_TYPE);
  mlp_Runtime *rt = mlpi_runtime(L);
  mlpi_check(L, mlpi_safetensors_read(rt, "safetensors", path, box));
  lua_createtable(L, 0, (int)(*box)->n);
  for (size_t i = 0; i < (*box)->n; i++) {
    const mlpi_Array *a = &(*box)->arrays[i].array;
    mlp_Tensor **t = mlpi_newtensor(L);
    mlpi_check(L, mlpi_tensor_new(rt, a->dtype, a->ndim, a->shape, t));
    mlpi_array_copy(a, &(*t)->a);
    mlpi_account_tensor(L, *t);
    lua_setfield(L, -2, (*box)->arrays[i].name);
  }
  lua_newtable(L);
  for (size_t i = 0; i < (*box)->n_metadata; i++) {
    lua_pushstring(L, (*box)->metadata[i].value);
    lua_setfield(L, -2, (*box)->metadata[i].key);
  }
  return 2;
}

/* core.save_safetensors(path, names, tensors) */
static int save (lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  luaL_checktype(L, 3, LUA_TTABLE);
  size_t n = lua_rawlen(L, 2);
  mlpi_NamedArray *a = lua_newuserdatauv(L, (n + 1) * sizeof *a, 0);
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, 2, (lua_Integer)i + 1);
    lua_rawgeti(L, 3, (lua_Integer)i + 1);
    mlp_Tensor *t = mlpi_totensor(L, -1);
    mlpi_check_values(L, t, "save_safetensors");
    a[i].name = luaL_checkstring(L, -2); /* the lists keep both */
    a[i].array = t->a;
    lua_pop(L, 2);
  }
  mlpi_check(L, mlpi_safetensors_write(mlpi_runtime(L), "save_safetensors",
                                       path, n, a, 0, NULL));
  return 0;
}

void mlpi_open_safetensors (lua_State *L);
void mlpi_open_safetensors (lua_State *L) {
  static const luaL_Reg functions[] = { { "safetensors", load },
                                        { "save_safetensors", save },
                                        { NULL, NULL } };
  mlpi_newtype(L, FILE_TYPE, NULL, NULL, release);
  luaL_setfuncs(L, functions, 0);
}
