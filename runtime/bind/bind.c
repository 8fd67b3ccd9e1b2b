/*
** bind.c - the library in a Lua state: its runtime, and the modules that are
** found there.
*/
#include "bind/bind.h"
#include "bind/embedded.h"
#include "bind/open.h"

#include <string.h>

#define RUNTIME "mlp.runtime.1" /* registry key; the 1 is the interface's */

void mlpi_open_all (lua_State *L);

mlp_Runtime *mlpi_runtime (lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, RUNTIME);
  mlp_Runtime *rt = *(mlp_Runtime **)lua_touserdata(L, -1);
  lua_pop(L, 1);
  return rt;
}

static int load_embedded (lua_State *L) {
  const mlpi_Embedded *e = lua_touserdata(L, lua_upvalueindex(1));
  if (luaL_loadbufferx(L, (const char *)e->code, e->size, e->chunk, "t") !=
      LUA_OK)
    return lua_error(L);
  lua_pushvalue(L, 1);
  lua_call(L, 1, 1);
  return 1;
}

/* core.sources(): the text of each embedded module, by its chunk's name */
static int sources (lua_State *L) {
  lua_newtable(L);
  for (const mlpi_Embedded *e = mlpi_embedded; e->module != NULL; e++) {
    lua_pushlstring(L, (const char *)e->code, e->size);
    lua_setfield(L, -2, e->chunk);
  }
  return 1;
}

/* core.lecture(): the text of each script of experiments/, by its name */
static int lecture (lua_State *L) {
  lua_newtable(L);
  for (const mlpi_Embedded *e = mlpi_lecture; e->module != NULL; e++) {
    lua_pushlstring(L, (const char *)e->code, e->size);
    lua_setfield(L, -2, e->module);
  }
  return 1;
}

/* core.methods(): the table of methods of each of our types, by its name */
static int all_methods (lua_State *L) {
  lua_newtable(L);
  for (lua_pushnil(L); lua_next(L, LUA_REGISTRYINDEX) != 0; lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING || !lua_istable(L, -1)) continue;
    if (strncmp(lua_tostring(L, -2), "mlp.", 4) != 0) continue;
    lua_pushvalue(L, -2);
    lua_getfield(L, -2, "__methods");
    lua_rawset(L, -5);
  }
  return 1;
}

static int open_core (lua_State *L) {
  lua_newtable(L);
  lua_pushcfunction(L, sources);
  lua_setfield(L, -2, "sources");
  lua_pushcfunction(L, lecture);
  lua_setfield(L, -2, "lecture");
  lua_pushcfunction(L, all_methods);
  lua_setfield(L, -2, "methods");
  mlpi_open_all(L);
  return 1;
}

static void preload (lua_State *L) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(L, open_core);
  lua_setfield(L, -2, "mlp.core");
  for (const mlpi_Embedded *e = mlpi_embedded; e->module != NULL; e++) {
    lua_pushlightuserdata(L, (void *)(uintptr_t)e);
    lua_pushcclosure(L, load_embedded, 1);
    lua_setfield(L, -2, e->module);
  }
  lua_pop(L, 1);
}

/*
** The box for the runtime in the registry, which knows whose it is: with
** another copy of this library in the state it raises. Pushes the box.
*/
static mlp_Runtime **runtime_box (lua_State *L) {
  static const char copy = 0; /* its address tells copies apart */
  if (lua_getfield(L, LUA_REGISTRYINDEX, RUNTIME) != LUA_TNIL) {
    lua_getiuservalue(L, -1, 1);
    if (lua_touserdata(L, -1) != &copy)
      luaL_error(L, "mlp: expected one copy of the library in a Lua state, "
                    "got a second");
    lua_pop(L, 1);
    return lua_touserdata(L, -1);
  }
  lua_pop(L, 1);
  mlp_Runtime **box = lua_newuserdatauv(L, sizeof *box, 1);
  *box = NULL;
  lua_pushlightuserdata(L, (void *)(uintptr_t)&copy);
  lua_setiuservalue(L, -2, 1);
  lua_pushvalue(L, -1);
  lua_setfield(L, LUA_REGISTRYINDEX, RUNTIME);
  return box;
}

void mlpi_open (lua_State *L, mlp_Runtime *rt) {
  *runtime_box(L) = rt;
  lua_pop(L, 1);
  preload(L);
}

static int free_runtime (lua_State *L) {
  mlp_Runtime **box = lua_touserdata(L, 1);
  mlp_destroy(*box);
  *box = NULL;
  return 0;
}

int luaopen_mlp_core (lua_State *L) {
  mlp_Config config;
  luaL_checkversion(L);
  mlp_Runtime **box = runtime_box(L);
  if (*box != NULL) return open_core(L); /* package.loaded was cleared */
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, free_runtime);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2); /* set first, so collected last */
  mlp_config_init(&config);
  if (mlp_create(&config, box) != MLP_OK)
    return luaL_error(L, "mlp: cannot create a runtime");
  return open_core(L); /* the rest are files, found as any other */
}
