/*
** plugin.c - a host that has a lua_State already, of its own Lua: it loads the
** module, while libmlprun runs beside it with another copy of everything.
**   embed_plugin               the checks
**   embed_plugin BUILD FILE    run a script in the host's state
*/
#include "check.h"

#include <lauxlib.h>
#include <lualib.h>

/* A state that finds the module in the folder 'build'. */
static lua_State *open_state (const char *build) {
  lua_State *L = luaL_newstate();
  luaL_openlibs(L);
  lua_getglobal(L, "package");
  lua_pushliteral(L, "lua/?.lua;lua/?/init.lua");
  lua_setfield(L, -2, "path");
  lua_pushfstring(L, "%s/?.so", build);
  lua_setfield(L, -2, "cpath");
  lua_settop(L, 0);
  return L;
}

static int run_script (const char *build, const char *path) {
  lua_State *L = open_state(build);
  int failure = luaL_dofile(L, path);
  if (failure) puts(lua_tostring(L, -1));
  lua_close(L);
  return failure;
}

/* sum = 10 in the host's state, and in a runtime of its own meanwhile. */
static void test_both (const char *build) {
  static const char text[] =
      "local t = require('mlp').ones { 2, 5 } sum = t:sum():item()";
  lua_State *L = open_state(build);
  mlp_Runtime *rt;
  mlp_create(NULL, &rt);
  check(luaL_dostring(L, text) == LUA_OK, "the host's state");
  check_ok(rt, run(rt, text), "a runtime beside it");
  lua_getglobal(L, "sum");
  check(lua_tonumber(L, -1) == 10, "the host's result");
  check_ok(rt, run(rt, "assert(sum == 10)"), "the runtime's");
  lua_close(L);
  check_ok(rt, run(rt, "assert(require('mlp').ones { 3 }:sum():item() == 3)"),
           "which outlives the state");
  mlp_destroy(rt);
}

int main (int argc, char **argv) {
  const char *build = getenv("MLPRUN_BUILD");
  if (argc > 2) return run_script(argv[1], argv[2]);
  test_both(build != NULL ? build : "build");
  return finish("embed_plugin");
}
