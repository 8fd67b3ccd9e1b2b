/*
** report.c - protected calls, and what is said when they fail.
*/
#include "host/host.h"
#include "bind/open.h"

#include <lauxlib.h>
#include <string.h>

/* The text of an error value, which calls __tostring and so may raise. */
static int describe (lua_State *L) {
  if (luaL_getmetafield(L, 1, "__tostring") == LUA_TNIL && lua_istable(L, 1)) {
    lua_getfield(L, 1, "message");
    if (lua_type(L, -1) == LUA_TSTRING) return 1;
  }
  lua_settop(L, 1);
  if (lua_isstring(L, 1) || luaL_getmetafield(L, 1, "__tostring"))
    luaL_tolstring(L, 1, NULL);
  else
    lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, 1));
  return 1;
}

#define LIBRARY "mlp/" /* how the names of the library's own chunks begin */

static bool starts (const char *s, const char *with) {
  return strncmp(s, with, strlen(with)) == 0;
}

/* Drop the lines that say "[C]", and the library's where the fault is not its
** own: no line of the script stands there. */
static void push_traceback (lua_State *L, bool library) {
  luaL_Buffer b;
  luaL_traceback(L, L, NULL, 1);
  const char *line = lua_tostring(L, -1), *end;
  bool any = false;
  luaL_buffinit(L, &b);
  for (; *line != '\0'; line = end) {
    end = line + strcspn(line, "\n");
    if (*end == '\n') end++;
    if (starts(line, "\t[C]:")) continue;
    if (!library && starts(line, "\t" LIBRARY)) continue;
    any = any || (*line == '\t' && !starts(line, "\t(...tail calls"));
    luaL_addlstring(&b, line, (size_t)(end - line));
  }
  luaL_pushresult(&b);
  lua_remove(L, -2);
  if (!any) { /* a heading with nothing below */
    lua_pop(L, 1);
    lua_pushliteral(L, "");
  }
}

/* The message handler: the error value becomes a report. */
static int handler (lua_State *L) {
  lua_settop(L, 1);
  mlpi_explain(L);
  lua_createtable(L, 0, 3);
  lua_pushvalue(L, 1);
  lua_setfield(L, 2, "value");
  lua_pushcfunction(L, describe);
  lua_pushvalue(L, 1);
  if (lua_pcall(L, 1, 1, 0) != LUA_OK) {
    lua_pop(L, 1);
    lua_pushliteral(L, "(the error object has no text: its __tostring fails)");
  }
  const char *message = lua_tostring(L, -1);
  const bool library = message != NULL && starts(message, LIBRARY);
  lua_setfield(L, 2, "message");
  if (message != NULL && strstr(message, "\nstack traceback:\n") != NULL)
    lua_pushliteral(L, ""); /* it has one: of a hook */
  else
    push_traceback(L, library);
  lua_setfield(L, 2, "traceback");
  return 1;
}

int mlpi_call (lua_State *L, int nargs, int nresults) {
  int base = lua_gettop(L) - nargs;
  lua_pushcfunction(L, handler);
  lua_insert(L, base);
  int status = lua_pcall(L, nargs, nresults, base);
  lua_remove(L, base);
  return status;
}

/* A field of the report on top; the report itself where it is a string. */
static const char *field (lua_State *L, const char *name, const char *other) {
  const char *s = NULL;
  if (!lua_istable(L, -1)) return other;
  lua_pushstring(L, name);
  lua_rawget(L, -2);
  s = lua_tostring(L, -1);
  lua_pop(L, 1); /* the report still holds it */
  return s != NULL ? s : other;
}

void mlpi_report (lua_State *L, bool color) {
  const char *plain =
      lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "unknown error";
  const char *traceback = field(L, "traceback", "");
  fflush(stdout);
  fprintf(stderr, "%smlprun: %s%s\n%s", color ? "\033[31m" : "",
          field(L, "message", plain), color ? "\033[0m" : "", traceback);
  if (*traceback != '\0' && traceback[strlen(traceback) - 1] != '\n')
    fputc('\n', stderr);
  lua_pop(L, 1);
}
