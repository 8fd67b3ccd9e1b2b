/*
** errors.c - what the engine, and this folder, raise: objects { message, kind }
** whose text begins with the script's line.
*/
#include "bind/bind.h"
#include "bind/embedded.h"
#include "bind/open.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ERROR "mlp.Error"

static const char *const status_names[] = {
  "ok",          "memory",       "argument",   "shape",  "type",   "io",
  "format",      "numeric",      "state",      "syntax", "script", "callback",
  "interrupted", "memory_limit", "time_limit", "busy",   "abi"
};

/* Is that the source of our own Lua library, built in or installed? */
static bool is_ours (const char *source) {
  size_t n = strlen(source);
  for (const mlpi_Embedded *e = mlpi_embedded; e->module != NULL; e++) {
    const size_t m = e->path_length;
    if (n <= m) continue;
    const char *path = source + n - m, before = path[-1];
    if ((before == '@' || before == '/') && strcmp(path, e->chunk + 1) == 0)
      return true;
  }
  return false;
}

/* "x.lua:12: ": the innermost line that is not of our own Lua library. */
void mlpi_push_where (lua_State *L) {
  lua_Debug ar;
  for (int level = 1; lua_getstack(L, level, &ar); level++) {
    lua_getinfo(L, "Sl", &ar);
    if (ar.currentline <= 0 || is_ours(ar.source)) continue;
    lua_pushfstring(L, "%s:%d: ", ar.short_src, ar.currentline);
    return;
  }
  lua_pushliteral(L, "");
}

static int error_tostring (lua_State *L) {
  lua_getfield(L, 1, "message");
  return 1;
}

/* The table on top becomes an error. */
static void set_type (lua_State *L) {
  if (luaL_newmetatable(L, ERROR)) {
    lua_pushcfunction(L, error_tostring);
    lua_setfield(L, -2, "__tostring");
  }
  lua_setmetatable(L, -2);
}

/* Replace the message on top by an error object { message, kind }; mlpi_check
** adds the path where a file is concerned. */
static void make_error (lua_State *L, mlp_Status status) {
  mlpi_push_where(L);
  lua_insert(L, -2);
  lua_concat(L, 2);
  lua_createtable(L, 0, 3);
  lua_insert(L, -2);
  lua_setfield(L, -2, "message");
  lua_pushstring(L, status_names[status]);
  lua_setfield(L, -2, "kind");
  lua_pushinteger(L, status);
  lua_setfield(L, -2, "status");
  set_type(L);
}

void mlpi_check (lua_State *L, mlp_Status status) {
  if (status == MLP_OK) return;
  if (status == MLP_ECALLBACK &&
      lua_getfield(L, LUA_REGISTRYINDEX, MLPI_CALLBACK_ERROR) != LUA_TNIL) {
    lua_pushnil(L);
    lua_setfield(L, LUA_REGISTRYINDEX, MLPI_CALLBACK_ERROR);
    lua_error(L);
  }
  lua_pushstring(L, mlp_last_error(mlpi_runtime(L)));
  make_error(L, status);
  if (mlpi_runtime(L)->path[0] != '\0') {
    lua_pushstring(L, mlpi_runtime(L)->path);
    lua_setfield(L, -2, "path");
  }
  lua_error(L);
}

int mlpi_raise (lua_State *L, mlp_Status status, const char *fmt, ...) {
  char text[MLPI_ERROR_MAX];
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  lua_pushstring(L, text);
  make_error(L, status);
  return lua_error(L);
}

mlp_Status mlpi_status_of (lua_State *L, int arg) {
  mlp_Status s = MLP_ESCRIPT;
  arg = lua_absindex(L, arg);
  if (lua_getmetatable(L, arg)) {
    luaL_getmetatable(L, ERROR);
    if (lua_rawequal(L, -1, -2)) {
      lua_getfield(L, arg, "status");
      s = (mlp_Status)lua_tointeger(L, -1);
      lua_pop(L, 1);
    }
    lua_pop(L, 2);
  }
  return s;
}

void mlpi_explain (lua_State *L) {
  const int top = lua_gettop(L);
  lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  if (lua_getfield(L, -1, "mlp.core") == LUA_TTABLE &&
      lua_getfield(L, -1, "explain") == LUA_TFUNCTION) {
    lua_pushvalue(L, 1);
    if (lua_pcall(L, 1, 1, 0) == LUA_OK) lua_replace(L, 1);
  }
  lua_settop(L, top);
}

/* core.raise(kind, message): the same error object from Lua. */
static int raise_from_lua (lua_State *L) {
  const char *kind = luaL_checkstring(L, 1);
  int status = MLP_EARG;
  for (int i = 0; i < (int)(sizeof status_names / sizeof *status_names); i++)
    if (strcmp(status_names[i], kind) == 0) status = i;
  luaL_checkstring(L, 2);
  lua_settop(L, 2);
  make_error(L, (mlp_Status)status);
  return lua_error(L);
}

void mlpi_open_errors (lua_State *L);
void mlpi_open_errors (lua_State *L) {
  lua_pushcfunction(L, raise_from_lua);
  lua_setfield(L, -2, "raise");
}
