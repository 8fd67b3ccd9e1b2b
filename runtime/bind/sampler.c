/*
** sampler.c - arithmetic of the samplers: random numbers that follow from a
** study's seed and a trial's number, and functions with the same bits
** everywhere.
*/
#include "bind/bind.h"
#include "base/fmath.h"
#include "base/random.h"
#include "study/sobol.h"

enum { FOR_STUDY = 64 }; /* a purpose beside those of base/random.h */

/* FNV-1a: what a name is to a random stream. */
static uint32_t name_hash (const char *s, size_t n) {
  uint32_t h = 2166136261u;
  for (size_t i = 0; i < n; i++) h = (h ^ (unsigned char)s[i]) * 16777619u;
  return h;
}

static mlpi_Stream stream (lua_State *L) {
  size_t n;
  const char *name = luaL_checklstring(L, 3, &n);
  return mlpi_stream((uint64_t)luaL_checkinteger(L, 1), 0, name_hash(name, n),
                     FOR_STUDY, (uint64_t)luaL_checkinteger(L, 2));
}

/* core.study_uniform(seed, number, name, i): in [0, 1) */
static int uniform (lua_State *L) {
  const mlpi_Stream s = stream(L);
  lua_pushnumber(L, mlpi_uniform(&s, (uint64_t)luaL_optinteger(L, 4, 0)));
  return 1;
}

/* core.study_seed(seed, number): the seed of a trial, 53 bits */
static int trial_seed (lua_State *L) {
  const mlpi_Stream s =
      mlpi_stream((uint64_t)luaL_checkinteger(L, 1), 0, 0, FOR_STUDY,
                  (uint64_t)luaL_checkinteger(L, 2));
  uint32_t w[4];
  mlpi_philox(&s, 0, w);
  lua_pushinteger(L, (lua_Integer)(((uint64_t)w[0] << 21) ^ w[1]));
  return 1;
}

/* core.sobol(index from 0, dimension from 1): nil beyond the dimensions known
 */
static int sobol (lua_State *L) {
  const lua_Integer index = luaL_checkinteger(L, 1);
  const lua_Integer dim = luaL_checkinteger(L, 2);
  if (dim < 1 || dim > MLPI_SOBOL_DIMS) return 0;
  lua_pushnumber(L, mlpi_sobol((uint32_t)index, (int)dim - 1));
  return 1;
}

static int exp_ (lua_State *L) {
  lua_pushnumber(L, mlpi_exp(luaL_checknumber(L, 1)));
  return 1;
}

static int ln (lua_State *L) {
  const lua_Number x = luaL_checknumber(L, 1);
  luaL_argcheck(L, x > 0, 1, "must be positive");
  lua_pushnumber(L, mlpi_ln(x));
  return 1;
}

void mlpi_open_sampler (lua_State *L);
void mlpi_open_sampler (lua_State *L) {
  static const luaL_Reg functions[] = { { "study_uniform", uniform },
                                        { "study_seed", trial_seed },
                                        { "sobol", sobol },
                                        { "exp", exp_ },
                                        { "ln", ln },
                                        { NULL, NULL } };
  luaL_setfuncs(L, functions, 0);
}
