/*
** repl.c - what the interactive loop, lua/mlp/repl.lua, needs from C.
** Whoever reads, compiles and prints is there; here are lines, signals,
** protected calls and private files.
*/
#include "host/host.h"
#include "bind/bind.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static lua_State *completing; /* readline's callbacks carry no argument */

static const char completer = 0; /* registry: host.complete */
static const char matches = 0;   /* registry: what it answered */

/* Ask Lua for the words that 'text' may become; a list or nil stays. */
static void ask (lua_State *L, const char *text) {
  int start;
  const char *buffer = mlpi_editor_buffer(&start);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &completer);
  lua_pushstring(L, text);
  lua_pushlstring(L, buffer, (size_t)start);
  if (lua_pcall(L, 2, 1, 0) != LUA_OK || !lua_istable(L, -1)) {
    lua_pop(L, 1);
    lua_pushnil(L);
  }
  lua_rawsetp(L, LUA_REGISTRYINDEX, &matches);
}

/* readline's generator: a match a call, for it to free, then NULL. */
static char *complete (const char *text, int state) {
  lua_State *L = completing;
  char *match = NULL;
  if (state == 0) ask(L, text);
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &matches) == LUA_TTABLE) {
    lua_rawgeti(L, -1, state + 1);
    if (lua_type(L, -1) == LUA_TSTRING) match = strdup(lua_tostring(L, -1));
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return match;
}

/* read(prompt): a line; nil at the end; false after Ctrl-C. */
static int read_line (lua_State *L) {
  const char *prompt = luaL_checkstring(L, 1);
  char *line;
  int signal, what = mlpi_editor_line(prompt, &line);
  if (what == MLPI_LINE) {
    lua_pushstring(L, line);
    free(line);
    return 1;
  }
  signal = mlpi_interrupt_signal();
  if (what == MLPI_LINE_INTERRUPTED && signal == SIGINT) {
    mlpi_interrupt_forget();
    lua_pushboolean(L, 0);
  } else
    lua_pushnil(L); /* a hang-up, too, ends the session */
  return 1;
}

static int remember (lua_State *L) {
  mlpi_editor_remember(luaL_checkstring(L, 1));
  return 0;
}

/* run(f): true and f's results, or false and a report. The thread of its own
** keeps the loop's lines out of tracebacks. */
static int run (lua_State *L) {
  lua_settop(L, 1);
  lua_State *statement = lua_newthread(L);
  lua_pushvalue(L, 1);
  lua_xmove(L, statement, 1);
  mlpi_interrupt_begin(statement);
  int status = mlpi_call(statement, 0, LUA_MULTRET);
  mlpi_interrupt_end(statement);
  if (mlpi_interrupt_signal() == SIGINT) mlpi_interrupt_forget();
  int n = lua_gettop(statement);
  luaL_checkstack(L, n + 1, "too many results");
  lua_pushboolean(L, status == LUA_OK);
  lua_xmove(statement, L, n);
  return n + 1;
}

static int report (lua_State *L) {
  lua_settop(L, 1);
  mlpi_report(L, lua_toboolean(L, lua_upvalueindex(1)));
  return 0;
}

/* append(path, text): to a file that nobody else may read; true or false. */
static int append (lua_State *L) {
  size_t n;
  const char *path = luaL_checkstring(L, 1);
  const char *text = luaL_checklstring(L, 2, &n);
  int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  bool written = file >= 0 && write(file, text, n) == (ssize_t)n;
  if (file >= 0 && close(file) != 0) written = false;
  lua_pushboolean(L, written);
  return 1;
}

static void set_flag (lua_State *L, const char *name, bool value) {
  lua_pushboolean(L, value);
  lua_setfield(L, -2, name);
}

void mlpi_repl (lua_State *L, const mlpi_Options *o) {
  static const luaL_Reg functions[] = {
    { "read", read_line }, { "remember", remember }, { "run", run },
    { "append", append },  { NULL, NULL },
  };
  completing = L;
  mlpi_editor_open(complete);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "mlp.repl");
  lua_call(L, 1, 1);
  lua_getfield(L, -1, "complete");
  lua_rawsetp(L, LUA_REGISTRYINDEX, &completer);
  lua_getfield(L, -1, "run");
  luaL_newlib(L, functions);
  lua_pushboolean(L, o->color);
  lua_pushcclosure(L, report, 1);
  lua_setfield(L, -2, "report");
  lua_pushstring(L, mlpi_editor_name());
  lua_setfield(L, -2, "editor");
  lua_pushstring(L, mlp_version_string());
  lua_setfield(L, -2, "version");
  set_flag(L, "terminal", isatty(STDIN_FILENO));
  set_flag(L, "color", o->color);
  lua_call(L, 1, 0);
  lua_pop(L, 1);
}
