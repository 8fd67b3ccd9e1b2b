/*
** system.c - what Lua's own library lacks: the terminal and folders.
*/
#include "bind/bind.h"
#include "base/io.h"
#include "base/post.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

/* The file descriptor of standard output or error, by name. */
static int descriptor (lua_State *L) {
  static const char *const names[] = { "stdout", "stderr", NULL };
  return luaL_checkoption(L, 1, "stdout", names) + 1;
}

static int is_terminal (lua_State *L) {
  int fd = descriptor(L); /* inside a host there is only the log */
  lua_pushboolean(L, !mlpi_runtime(L)->hosted && isatty(fd));
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

/* core.list_folder(path): the names in it, sorted, without those with a dot in
** front */
static int list_folder (lua_State *L) {
  struct dirent **entries;
  const char *path = luaL_checkstring(L, 1);
  lua_newtable(L);
  int n = scandir(path, &entries, NULL, alphasort);
  if (n < 0)
    return mlpi_raise(L, MLP_EIO, "list_folder: cannot read '%s': %s", path,
                      strerror(errno));
  lua_Integer count = 0;
  for (int i = 0; i < n; i++) {
    if (entries[i]->d_name[0] != '.') {
      lua_pushstring(L, entries[i]->d_name);
      lua_seti(L, 2, ++count);
    }
    free(entries[i]);
  }
  free(entries);
  return 1;
}

/* core.write_file(path, text): whole or not at all */
static int write_file (lua_State *L) {
  size_t n;
  const char *path = luaL_checkstring(L, 1);
  const char *text = luaL_checklstring(L, 2, &n);
  mlpi_check(L, mlpi_write_file(mlpi_runtime(L), "save", path, text, n));
  return 0;
}

/* core.append_file(who, path, bytes, fresh): behind what it holds; fresh: a new
** file, false where there is one of that name */
static int append_file (lua_State *L) {
  size_t n;
  bool taken = false;
  const char *who = luaL_checkstring(L, 1), *path = luaL_checkstring(L, 2);
  const char *bytes = luaL_checklstring(L, 3, &n);
  mlpi_check(L, mlpi_append_file(mlpi_runtime(L), who, path, bytes, n,
                                 lua_toboolean(L, 4) ? &taken : NULL));
  lua_pushboolean(L, !taken);
  return 1;
}

/* core.cut_file(who, path, limit): to so many bytes at most; its size then */
static int cut_file (lua_State *L) {
  size_t n;
  const char *who = luaL_checkstring(L, 1), *path = luaL_checkstring(L, 2);
  const lua_Integer limit = luaL_checkinteger(L, 3);
  luaL_argcheck(L, limit >= 0, 3, "negative");
  mlpi_check(L, mlpi_cut_file(mlpi_runtime(L), who, path, (size_t)limit, &n));
  lua_pushinteger(L, (lua_Integer)n);
  return 1;
}

/* core.post(who, host, port, seconds, request): the number in the answer */
static int post (lua_State *L) {
  size_t n;
  int code;
  const char *who = luaL_checkstring(L, 1), *host = luaL_checkstring(L, 2);
  const char *port = luaL_checkstring(L, 3);
  const double seconds = luaL_checknumber(L, 4);
  const char *request = luaL_checklstring(L, 5, &n);
  mlpi_check(L, mlpi_post(mlpi_runtime(L), who, host, port, seconds, request, n,
                          &code));
  lua_pushinteger(L, code);
  return 1;
}

/* core.time(): seconds since 1970, for logs alone */
static int time_ (lua_State *L) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  lua_pushnumber(L, (double)t.tv_sec + 1e-9 * (double)t.tv_nsec);
  return 1;
}

/* core.plain(f, ...): f(...) in the locale "C", for numbers that go into a
** file, where a script has set another one. */
static int plain (lua_State *L) {
  const locale_t before = uselocale(mlpi_runtime(L)->plain);
  int status = lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0);
  uselocale(before);
  return status == LUA_OK ? lua_gettop(L) : lua_error(L);
}

void mlpi_open_system (lua_State *L);
void mlpi_open_system (lua_State *L) {
  static const luaL_Reg functions[] = { { "is_terminal", is_terminal },
                                        { "terminal_width", terminal_width },
                                        { "make_folder", make_folder },
                                        { "list_folder", list_folder },
                                        { "write_file", write_file },
                                        { "append_file", append_file },
                                        { "cut_file", cut_file },
                                        { "post", post },
                                        { "time", time_ },
                                        { "plain", plain },
                                        { NULL, NULL } };
  luaL_setfuncs(L, functions, 0);
}
