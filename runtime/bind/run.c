/*
** run.c - what concerns the run as a whole: seed, threads, clock, warnings.
*/
#include "bind/bind.h"
#include "base/crc32c.h"
#include "base/pool.h"

/* core.seed(n, models, draws): the seed before, and how many models were made
** and random tensors drawn since it was set; these are set too, to 0 if not
** given */
static int seed (lua_State *L) {
  mlp_Runtime *rt = mlpi_runtime(L);
  const lua_Integer before = (lua_Integer)rt->seed;
  const lua_Integer ordinal = (lua_Integer)rt->ordinal;
  const lua_Integer draws = (lua_Integer)rt->draws;
  if (!lua_isnoneornil(L, 1)) {
    rt->seed = (uint64_t)luaL_checkinteger(L, 1);
    rt->ordinal = (uint64_t)luaL_optinteger(L, 2, 0);
    rt->draws = (uint64_t)luaL_optinteger(L, 3, 0);
  }
  lua_pushinteger(L, before);
  lua_pushinteger(L, ordinal);
  lua_pushinteger(L, draws);
  return 3;
}

/* core.threads(n): the number before */
static int threads (lua_State *L) {
  mlp_Runtime *rt = mlpi_runtime(L);
  lua_pushinteger(L, rt->threads);
  if (!lua_isnoneornil(L, 1))
    mlpi_set_threads(rt, (int)luaL_checkinteger(L, 1));
  return 1;
}

/* core.clock(): seconds of a clock that only goes forward */
static int clock_ (lua_State *L) {
  lua_pushnumber(L, mlpi_now());
  return 1;
}

static int warn (lua_State *L) {
  mlpi_log(mlpi_runtime(L), 1, "%s", luaL_checkstring(L, 1));
  return 0;
}

/* core.memory(): bytes in use, the most so far */
static int memory (lua_State *L) {
  mlp_Runtime *rt = mlpi_runtime(L);
  lua_pushinteger(L, (lua_Integer)rt->memory);
  lua_pushinteger(L, (lua_Integer)rt->memory_peak);
  return 2;
}

/* core.memory_limit(bytes): 0 for none */
static int memory_limit (lua_State *L) {
  mlpi_runtime(L)->memory_limit = (size_t)luaL_checkinteger(L, 1);
  return 0;
}

/* core.fail_allocation(n, on): tests: the n-th allocation from now fails, and
** all after it where 'on'; 0: none. Returns the number that was left to go:
** more than 1 where no allocation failed. */
static int fail_allocation (lua_State *L) {
  mlp_Runtime *rt = mlpi_runtime(L);
  long left = rt->fail_at;
  rt->fail_at = (long)luaL_checkinteger(L, 1);
  rt->fail_on = lua_toboolean(L, 2);
  lua_pushinteger(L, left);
  return 1;
}

static int isa (lua_State *L) {
  static const char *const names[] = { "baseline", "v3", "v4" };
  lua_pushstring(L, names[mlpi_runtime(L)->isa]);
  return 1;
}

/* core.sha256(text): 64 hex digits */
static int sha256 (lua_State *L) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  mlpi_Array a = { .data = (void *)(uintptr_t)text,
                   .dtype = MLP_UINT8,
                   .ndim = 1,
                   .shape = { n },
                   .stride = { 1 } };
  char hex[65];
  mlpi_array_hash(&a, 1, hex);
  lua_pushstring(L, hex);
  return 1;
}

/* core.crc32c(text): a whole number */
static int crc32c (lua_State *L) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  lua_pushinteger(L, mlpi_crc32c(text, n));
  return 1;
}

/* core.type(v): the name of a userdata's type, else Lua's */
static int type (lua_State *L) {
  luaL_checkany(L, 1);
  if (luaL_getmetafield(L, 1, "__name") != LUA_TSTRING)
    lua_pushstring(L, luaL_typename(L, 1));
  return 1;
}

static const luaL_Reg functions[] = { { "seed", seed },
                                      { "threads", threads },
                                      { "clock", clock_ },
                                      { "warn", warn },
                                      { "memory", memory },
                                      { "memory_limit", memory_limit },
                                      { "fail_allocation", fail_allocation },
                                      { "isa", isa },
                                      { "sha256", sha256 },
                                      { "crc32c", crc32c },
                                      { "type", type },
                                      { NULL, NULL } };

void mlpi_open_run (lua_State *L);
void mlpi_open_run (lua_State *L) {
  luaL_setfuncs(L, functions, 0);
  lua_pushstring(L, mlp_version_string());
  lua_setfield(L, -2, "version");
}
