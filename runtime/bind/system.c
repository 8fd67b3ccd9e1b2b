/*
** system.c - what Lua's own library lacks: the terminal, folders,
** and the nearest of some names.
*/
#include "bind/bind.h"
#include "base/io.h"
#include "base/kind.h"

#include <sys/ioctl.h>
#include <unistd.h>

/* The file descriptor of standard output or error, by name. */
static int descriptor (lua_State *L) {
  static const char *const names[] = { "stdout", "stderr", NULL };
  return luaL_checkoption(L, 1, "stdout", names) + 1;
}

static int is_terminal (lua_State *L) {
  lua_pushboolean(L, isatty(descriptor(L)));
  return 1;
}

/* Columns of the terminal; 80 where there is none. */
static int terminal_width (lua_State *L) {
  struct winsize size;
  bool known = ioctl(descriptor(L), TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  lua_pushinteger(L, known ? size.ws_col : 80);
  return 1;
}

static int make_folder (lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  mlpi_check(L, mlpi_make_folder(mlpi_runtime(L), "make_folder", path));
  return 0;
}

/* nearest(name, names): for "did you mean"; nil where none is near. */
static int nearest (lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  size_t n = lua_rawlen(L, 2);
  const char **names = lua_newuserdatauv(L, (n + 1) * sizeof *names, 0);
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, 2, (lua_Integer)i + 1);
    luaL_argcheck(L, lua_type(L, -1) == LUA_TSTRING, 2, "strings expected");
    names[i] = lua_tostring(L, -1); /* the list holds it */
    lua_pop(L, 1);
  }
  lua_pushstring(L, mlpi_nearest(name, names, n)); /* NULL becomes nil */
  return 1;
}

void mlpi_open_system (lua_State *L);
void mlpi_open_system (lua_State *L) {
  static const luaL_Reg functions[] = { { "is_terminal", is_terminal },
                                        { "terminal_width", terminal_width },
                                        { "make_folder", make_folder },
                                        { "nearest", nearest },
                                        { NULL, NULL } };
  luaL_setfuncs(L, functions, 0);
}
