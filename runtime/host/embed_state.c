/*
** embed_state.c - the Lua state inside a host: its memory is the runtime's,
** what it prints goes to the log, a cancelled script ends, and what concerns
** the process as a whole is refused.
*/
#include "host/embed.h"
#include "bind/bind.h"
#include "bind/interrupt.h"
#include "bind/open.h"
#include "host/host.h"

#include <lualib.h>
#include <string.h>

/*
** Our copy of Lua has no standard streams (the Makefile renames them): what
** would touch those of the host is replaced below.
*/
extern FILE *const mlpi_stdin, *const mlpi_stdout, *const mlpi_stderr;
FILE *const mlpi_stdin = NULL, *const mlpi_stdout = NULL,
            *const mlpi_stderr = NULL;

enum { PERIOD = 1000 };           /* instructions between two looks */
static const double GRACE = 0.05; /* seconds to clean up after a cancel */

/* Shrinking never fails: Lua relies on it. */
static void *allocate (void *ud, void *p, size_t osize, size_t nsize) {
  mlp_Runtime *rt = ud;
  if (p == NULL) osize = 0; /* else it tells what the memory is for */
  if (nsize > 0) return mlpi_realloc(rt, p, osize, nsize);
  mlpi_free(rt, p, osize);
  return NULL;
}

/*
** Cancel
*/

static int stop (lua_State *L) {
  mlpi_check(L, mlpi_check_cancel(mlpi_runtime(L)));
  return 0;
}

/*
** A hook that runs every so often. A cancelled script gets an error once, and
** may clean up: training keeps its model, 'close' and 'finally' code runs.
** After that each instruction raises one, so that no pcall holds it up.
*/
static void watch (lua_State *L, lua_Debug *ar) {
  mlpi_Embed *e = mlpi_embed_of(L);
  (void)ar;
  if (!mlpi_stopped(e->rt)) {
    if (lua_gethookcount(L) != PERIOD)
      lua_sethook(L, watch, LUA_MASKCOUNT, PERIOD);
    return;
  }
  const double now = mlpi_now();
  if (e->grace == 0) e->grace = now + GRACE;
  if (now > e->grace)
    lua_sethook(L, watch, LUA_MASKCOUNT, 1);
  else if (e->raised || mlpi_shielded(L))
    return;
  e->raised = true;
  lua_pushcfunction(L, stop); /* so that the script's line is its caller's */
  lua_call(L, 0, 0);
}

/*
** Print
*/

/* Log the string on top, less a final newline, and pop it. */
static void log_top (lua_State *L) {
  size_t n;
  const char *text = lua_tolstring(L, -1, &n);
  if (n > 0 && text[n - 1] == '\n') n--;
  mlpi_log_text(mlpi_runtime(L), MLP_LOG_PRINT, text, n);
  lua_pop(L, 1);
}

static int print (lua_State *L) {
  luaL_Buffer b;
  int n = lua_gettop(L);
  luaL_buffinit(L, &b);
  for (int i = 1; i <= n; i++) {
    if (i > 1) luaL_addchar(&b, '\t');
    luaL_tolstring(L, i, NULL);
    luaL_addvalue(&b);
  }
  luaL_pushresult(&b);
  log_top(L);
  return 0;
}

/* Arguments first.. are strings and numbers; hand back the stream. */
static int write_from (lua_State *L, int first) {
  int n = lua_gettop(L);
  for (int i = first; i <= n; i++) luaL_checkstring(L, i);
  if (n >= first) {
    lua_concat(L, n - first + 1);
    log_top(L);
  }
  lua_getglobal(L, "io");
  lua_getfield(L, -1, "stdout");
  return 1;
}

static int io_write (lua_State *L) { return write_from(L, 1); }
static int stream_write (lua_State *L) { return write_from(L, 2); }
static int stream_self (lua_State *L) {
  lua_settop(L, 1);
  return 1;
}

static int io_output (lua_State *L) {
  if (!lua_isnoneornil(L, 1))
    mlpi_raise(L, MLP_ESTATE,
               "io.output: expected no file inside a host, whose log it is");
  lua_getglobal(L, "io");
  lua_getfield(L, -1, "stdout");
  return 1;
}

/* io.stdout and io.stderr: the log. */
static void push_stream (lua_State *L) {
  static const luaL_Reg methods[] = { { "write", stream_write },
                                      { "flush", stream_self },
                                      { "setvbuf", stream_self },
                                      { "close", stream_self },
                                      { NULL, NULL } };
  luaL_newlib(L, methods);
}

/* Lua's warn: pieces until 'more' is 0; "@on" and "@off" switch it. */
static void warn (void *ud, const char *text, int more) {
  mlpi_Embed *e = ud;
  size_t n = strlen(text), room = sizeof e->warning - e->n_warning;
  if (e->n_warning == 0 && !more && text[0] == '@') {
    if (strcmp(text, "@on") == 0) e->warns = true;
    if (strcmp(text, "@off") == 0) e->warns = false;
    return;
  }
  if (n > room) n = room;
  memcpy(e->warning + e->n_warning, text, n);
  e->n_warning += n;
  if (more) return;
  if (e->warns) mlpi_log_text(e->rt, MLP_LOG_WARNING, e->warning, e->n_warning);
  e->n_warning = 0;
}

/*
** What is refused
*/

static int refuse (lua_State *L) {
  return mlpi_raise(L, MLP_ESTATE, "%s: not inside a host program",
                    lua_tostring(L, lua_upvalueindex(1)));
}

/* The original, but for a call without a file: it would read standard
** input. */
static int need_file (lua_State *L) {
  if (lua_isnoneornil(L, 1)) return refuse(L);
  lua_pushvalue(L, lua_upvalueindex(2));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  return lua_gettop(L);
}

/* Replace fields of the table on top. */
static void refuse_fields (lua_State *L, const char *library,
                           const char *const *name) {
  for (; *name != NULL; name++) {
    lua_pushfstring(L, "%s.%s", library, *name);
    lua_pushcclosure(L, refuse, 1);
    lua_setfield(L, -2, *name);
  }
}

static void guard_field (lua_State *L, const char *name) {
  lua_pushstring(L, name);
  lua_getfield(L, -2, name);
  lua_pushcclosure(L, need_file, 2);
  lua_setfield(L, -2, name);
}

static void trim_io (lua_State *L) {
  static const char *const refused[] = { "popen", "read", "input", NULL };
  lua_getglobal(L, "io");
  refuse_fields(L, "io", refused);
  guard_field(L, "lines");
  lua_pushnil(L), lua_setfield(L, -2, "stdin");
  push_stream(L), lua_setfield(L, -2, "stdout");
  push_stream(L), lua_setfield(L, -2, "stderr");
  lua_pushcfunction(L, io_write), lua_setfield(L, -2, "write");
  lua_pushcfunction(L, io_output), lua_setfield(L, -2, "output");
  lua_pop(L, 1);
}

/* C modules would be tied to another copy of Lua, if there is one. */
static void trim_package (lua_State *L) {
  static const char *const refused[] = { "loadlib", NULL };
  lua_getglobal(L, "package");
  refuse_fields(L, "package", refused);
  lua_pushliteral(L, ""), lua_setfield(L, -2, "cpath");
  lua_getfield(L, -1, "searchers");
  lua_pushnil(L), lua_seti(L, -2, 4);
  lua_pushnil(L), lua_seti(L, -2, 3);
  lua_pop(L, 2);
}

/* What a script needs to describe an error; the rest reaches into us. */
static void trim_debug (lua_State *L) {
  static const char *const kept[] = { "traceback", "getinfo", "getlocal",
                                      NULL };
  lua_getglobal(L, "debug");
  lua_newtable(L);
  for (const char *const *name = kept; *name != NULL; name++) {
    lua_getfield(L, -2, *name);
    lua_setfield(L, -2, *name);
  }
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_pushvalue(L, -2), lua_setfield(L, -2, "debug");
  lua_pop(L, 1);
  lua_setglobal(L, "debug");
  lua_pop(L, 1);
}

static void trim (lua_State *L) {
  static const char *const refused[] = { "exit", "execute", "setlocale", NULL };
  lua_getglobal(L, "os");
  refuse_fields(L, "os", refused);
  lua_pop(L, 1);
  trim_io(L);
  trim_package(L);
  trim_debug(L);
  lua_pushglobaltable(L);
  guard_field(L, "loadfile");
  guard_field(L, "dofile");
  lua_pop(L, 1);
  lua_register(L, "print", print);
}

static int open_state (lua_State *L) {
  mlp_Runtime *rt = mlpi_embed_of(L)->rt;
  luaL_checkversion(L);
  if ((rt->flags & MLP_NO_ENV) != 0) { /* Lua's own libraries look for this */
    lua_pushboolean(L, 1);
    lua_setfield(L, LUA_REGISTRYINDEX, "LUA_NOENV");
  }
  luaL_openlibs(L);
  mlpi_open(L, rt);
  mlpi_text_only(L);
  mlpi_seed_random(L, rt->seed);
  trim(L);
  return 0;
}

static void close_state (mlp_Runtime *rt) {
  mlpi_Embed *e = rt->state;
  rt->state = NULL;
  rt->close = NULL;
  rt->host = NULL;
  if (e->L != NULL) lua_close(e->L);
  mlpi_free(rt, e, sizeof *e);
}

mlp_Status mlpi_embed (mlp_Runtime *rt, mlpi_Embed **out) {
  *out = rt->state;
  if (*out != NULL) return MLP_OK;
  mlpi_Embed *e = mlpi_calloc(rt, 1, sizeof *e);
  if (e == NULL) return MLP_ENOMEM;
  e->rt = rt;
  rt->hosted = true;
  rt->state = e;
  e->L = lua_newstate(allocate, rt);
  mlp_Status s = MLP_ENOMEM;
  if (e->L != NULL) {
    *(mlpi_Embed **)lua_getextraspace(e->L) = e;
    lua_setwarnf(e->L, warn, e);
    s = mlpi_embed_call(e, open_state, NULL, 0);
    lua_sethook(e->L, watch, LUA_MASKCOUNT, PERIOD);
  }
  rt->close = close_state;
  if (s != MLP_OK)
    close_state(rt);
  else
    *out = e;
  return s;
}
