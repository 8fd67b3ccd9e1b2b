/*
** chunk.c - a Lua state as mlprun's scripts have it, in the program and in
** hosts: it loads text, and only text, and repeats itself.
** Lua does not verify precompiled chunks: a damaged one corrupts memory.
*/
#include "host/host.h"

#include <lauxlib.h>
#include <string.h>

/* Lua's own message for a chunk of the wrong mode becomes a plain one. */
static int loaded (lua_State *L, int status, const char *path) {
  const char *message = lua_tostring(L, -1);
  if (status != LUA_ERRSYNTAX || message == NULL ||
      strstr(message, "attempt to load a binary chunk") == NULL)
    return status;
  lua_pop(L, 1);
  lua_pushfstring(L, "%s%sprecompiled chunks are not accepted",
                  path != NULL ? path : "", path != NULL ? ": " : "");
  return status;
}

int mlpi_load_file (lua_State *L, const char *path) {
  return loaded(L, luaL_loadfilex(L, path, "t"), path);
}

/* Set the first upvalue of the function below the top: its _ENV. */
static void set_environment (lua_State *L, int environment) {
  lua_pushvalue(L, environment);
  if (lua_setupvalue(L, -2, 1) == NULL) lua_pop(L, 1);
}

static int results (lua_State *L, int status) {
  if (status == LUA_OK) return 1;
  luaL_pushfail(L);
  lua_insert(L, -2);
  return 2;
}

/* load(chunk, name, mode, env): the original, with the mode "t". */
static int load (lua_State *L) {
  if (lua_gettop(L) < 3) lua_settop(L, 3);
  lua_pushliteral(L, "t");
  lua_replace(L, 3);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  if (!lua_isfunction(L, 1)) loaded(L, LUA_ERRSYNTAX, NULL);
  return lua_gettop(L);
}

static int loadfile (lua_State *L) {
  int has_environment = !lua_isnone(L, 3);
  int status = mlpi_load_file(L, luaL_optstring(L, 1, NULL));
  if (status == LUA_OK && has_environment) set_environment(L, 3);
  return results(L, status);
}

static int returned (lua_State *L, int status, lua_KContext context) {
  (void)status;
  return lua_gettop(L) - (int)context;
}

static int dofile (lua_State *L) {
  const char *path = luaL_optstring(L, 1, NULL);
  lua_settop(L, 1);
  if (mlpi_load_file(L, path) != LUA_OK) return lua_error(L);
  lua_callk(L, 0, LUA_MULTRET, 1, returned); /* the file may yield */
  return returned(L, LUA_OK, 1);
}

/* The searcher of Lua files, as in the manual, section 6.3. */
static int searcher (lua_State *L) {
  luaL_checkstring(L, 1);
  lua_settop(L, 1);
  lua_getfield(L, lua_upvalueindex(1), "searchpath");
  lua_pushvalue(L, 1);
  lua_getfield(L, lua_upvalueindex(1), "path");
  lua_call(L, 2, 2);
  if (lua_isnil(L, 2)) return 1; /* where it was looked for */
  lua_settop(L, 2);
  if (mlpi_load_file(L, lua_tostring(L, 2)) == LUA_OK) {
    lua_insert(L, 2);
    return 2; /* the loader and the path */
  }
  return luaL_error(L, "error loading module '%s' from file '%s':\n\t%s",
                    lua_tostring(L, 1), lua_tostring(L, 2),
                    lua_tostring(L, -1));
}

void mlpi_text_only (lua_State *L) {
  lua_getglobal(L, "load");
  lua_pushcclosure(L, load, 1);
  lua_setglobal(L, "load");
  lua_register(L, "loadfile", loadfile);
  lua_register(L, "dofile", dofile);
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "searchers");
  lua_pushvalue(L, -2);
  lua_pushcclosure(L, searcher, 1);
  lua_seti(L, -2, 2); /* after 'preload' */
  lua_pop(L, 2);
}

void mlpi_seed_random (lua_State *L, uint64_t seed) {
  lua_getglobal(L, "math");
  lua_getfield(L, -1, "randomseed");
  lua_pushinteger(L, (lua_Integer)seed);
  lua_call(L, 1, 0);
  lua_pop(L, 1);
}
