/*
** interrupt.c - what Lua code that must finish its work knows of Ctrl-C.
** An interruption sets the runtime's cancel flag, and the program then raises
** an error in whatever Lua code runs. Training answers it in its own way:
**
**   local guard <close> = core.shield() -- no such error until the block ends
**   ...
**   if core.interrupted() then          -- finish, then say so
**     core.clear_interrupt()
**     error(...)
*/
#include "bind/interrupt.h"
#include "bind/bind.h"

#define SHIELD "mlp.Shield"

static const char key = 0; /* registry: the number of open shields */

static lua_Integer shields (lua_State *L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &key);
  lua_Integer n = lua_tointeger(L, -1);
  lua_pop(L, 1);
  return n;
}

static void count (lua_State *L, int change) {
  lua_pushinteger(L, shields(L) + change);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &key);
}

bool mlpi_shielded (lua_State *L) { return shields(L) > 0; }

/* The box holds true while the shield is up. */
static int lower (lua_State *L) {
  bool *up = luaL_checkudata(L, 1, SHIELD);
  if (*up) {
    *up = false;
    count(L, -1);
  }
  return 0;
}

static int shield (lua_State *L) {
  bool *up = lua_newuserdatauv(L, sizeof *up, 0);
  *up = false;
  luaL_setmetatable(L, SHIELD);
  count(L, 1);
  *up = true;
  return 1;
}

static int interrupted (lua_State *L) {
  lua_pushboolean(L, mlpi_cancelled(mlpi_runtime(L)));
  return 1;
}

/* A host's cancel sticks: it clears it itself. */
static int clear_interrupt (lua_State *L) {
  mlp_Runtime *rt = mlpi_runtime(L);
  if (!rt->hosted) mlp_reset(rt);
  return 0;
}

void mlpi_open_interrupt (lua_State *L);
void mlpi_open_interrupt (lua_State *L) {
  static const luaL_Reg functions[] = { { "shield", shield },
                                        { "interrupted", interrupted },
                                        { "clear_interrupt", clear_interrupt },
                                        { NULL, NULL } };
  static const luaL_Reg meta[] = { { "__close", lower },
                                   { "__gc", lower },
                                   { NULL, NULL } };
  luaL_newmetatable(L, SHIELD);
  luaL_setfuncs(L, meta, 0);
  lua_pop(L, 1);
  luaL_setfuncs(L, functions, 0);
}
