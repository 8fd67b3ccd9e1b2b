/*
** process.c - workers: other processes that run the same script.
*/
#include "bind/bind.h"
#include "base/process.h"

#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

enum { WORDS = 4096 };

/* The list of strings at arg as an array that ends with NULL, in a userdata on
** top of the stack. */
static const char *const *words (lua_State *L, int arg) {
  luaL_checktype(L, arg, LUA_TTABLE);
  const lua_Integer n = (lua_Integer)lua_rawlen(L, arg);
  luaL_argcheck(L, n < WORDS, arg, "too many");
  const char **list = lua_newuserdatauv(L, ((size_t)n + 1) * sizeof *list, 0);
  for (lua_Integer i = 1; i <= n; i++) {
    lua_rawgeti(L, arg, i);
    list[i - 1] = luaL_checkstring(L, -1); /* the table keeps it alive */
    lua_pop(L, 1);
  }
  list[n] = NULL;
  return list;
}

static void refuse_hosted (lua_State *L, const char *who) {
  if (mlpi_runtime(L)->hosted)
    mlpi_raise(L, MLP_ESTATE, "%s: a host's scripts start no processes", who);
}

/* core.spawn(path, argv, env, out): pid */
static int spawn (lua_State *L) {
  long pid;
  refuse_hosted(L, "spawn");
  lua_settop(L, 4);
  const char *path = luaL_checkstring(L, 1), *out = luaL_optstring(L, 4, NULL);
  const char *const *argv = words(L, 2), *const *env = words(L, 3);
  mlpi_check(L, mlpi_spawn(mlpi_runtime(L), path, argv, env, out, &pid));
  lua_pushinteger(L, pid);
  return 1;
}

/* core.wait(pid): nil while it runs, then its exit code (128 + a signal) */
static int wait_ (lua_State *L) {
  bool ended;
  int code;
  mlpi_check(L, mlpi_wait(mlpi_runtime(L), (long)luaL_checkinteger(L, 1),
                          &ended, &code));
  if (!ended) return 0;
  lua_pushinteger(L, code);
  return 1;
}

/* core.terminate(pid): ask a child to end, as Ctrl-C does */
static int terminate (lua_State *L) {
  const lua_Integer pid = luaL_checkinteger(L, 1);
  refuse_hosted(L, "terminate");
  luaL_argcheck(L, pid > 1, 1, "not a child");
  mlpi_terminate((long)pid);
  return 0;
}

/* core.process(): pid, parent's pid, birth, host, path of the program */
static int process (lua_State *L) {
  struct utsname name;
  char path[4096];
  ssize_t n = readlink("/proc/self/exe", path, sizeof path);
  lua_pushinteger(L, getpid());
  lua_pushinteger(L, getppid());
  lua_pushinteger(L, (lua_Integer)mlpi_process_born((long)getpid()));
  lua_pushstring(L, uname(&name) == 0 ? name.nodename : "?");
  if (n > 0)
    lua_pushlstring(L, path, (size_t)n);
  else
    lua_pushnil(L);
  return 5;
}

/* core.alive(pid, born) */
static int alive (lua_State *L) {
  lua_pushboolean(L, mlpi_process_alive((long)luaL_checkinteger(L, 1),
                                        luaL_optinteger(L, 2, 0)));
  return 1;
}

static int sleep_ (lua_State *L) {
  mlpi_sleep(luaL_checknumber(L, 1));
  return 0;
}

/* core.time(): seconds since 1970, with fractions */
static int time_ (lua_State *L) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  lua_pushnumber(L, (lua_Number)t.tv_sec + (lua_Number)t.tv_nsec * 1e-9);
  return 1;
}

/* core.run_state(seed, ordinal, draws): what they were; sets them where given.
** They say what random numbers models and mlp.rand will get. */
static int run_state (lua_State *L) {
  mlp_Runtime *rt = mlpi_runtime(L);
  lua_settop(L, 3);
  lua_pushinteger(L, (lua_Integer)rt->seed);
  lua_pushinteger(L, (lua_Integer)rt->ordinal);
  lua_pushinteger(L, (lua_Integer)rt->draws);
  if (lua_isnil(L, 1)) return 3;
  rt->seed = (uint64_t)luaL_checkinteger(L, 1);
  rt->ordinal = (uint32_t)luaL_optinteger(L, 2, 0);
  rt->draws = (uint64_t)luaL_optinteger(L, 3, 0);
  return 3;
}

void mlpi_open_process (lua_State *L);
void mlpi_open_process (lua_State *L) {
  static const luaL_Reg functions[] = { { "spawn", spawn },
                                        { "wait", wait_ },
                                        { "terminate", terminate },
                                        { "process", process },
                                        { "alive", alive },
                                        { "sleep", sleep_ },
                                        { "time", time_ },
                                        { "run_state", run_state },
                                        { NULL, NULL } };
  luaL_setfuncs(L, functions, 0);
}
