/*
** profile.c - where a model's time goes, for lua/mlp/profile.lua.
*/
#include "bind/model.h"
#include "graph/profile.h"

/* core.profile_begin(model): count from now on, from zero */
static int begin (lua_State *L) {
  mlp_Model *m = mlpi_tobox(L, 1, MLPI_MODEL);
  mlpi_Profile *p;
  mlpi_check(L, mlpi_profile_new(m->rt, &p));
  mlpi_model_profile(m, p);
  return 0;
}

static void set_number (lua_State *L, const char *key, double x) {
  lua_pushnumber(L, x);
  lua_setfield(L, -2, key);
}

static void push_row (lua_State *L, const mlpi_ProfileRow *r) {
  lua_createtable(L, 0, 6);
  lua_pushstring(L, r->name);
  lua_setfield(L, -2, "name");
  lua_pushstring(L, r->pass);
  lua_setfield(L, -2, "pass");
  lua_pushinteger(L, (lua_Integer)r->calls);
  lua_setfield(L, -2, "calls");
  set_number(L, "seconds", r->seconds);
  set_number(L, "flops", r->flops);
  set_number(L, "bytes", r->bytes);
}

/* core.profile_end(model): { { name, pass, calls, seconds, flops, bytes }... }
** of what was counted, or nil; counts no more */
static int end (lua_State *L) {
  mlp_Model *m = mlpi_tobox(L, 1, MLPI_MODEL);
  const mlpi_Profile *p = m->profile;
  if (p == NULL) return 0;
  lua_createtable(L, (int)p->n, 0);
  for (size_t i = 0; i < p->n; i++) {
    push_row(L, &p->row[i]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  mlpi_model_profile(m, NULL);
  return 1;
}

static const luaL_Reg functions[] = { { "profile_begin", begin },
                                      { "profile_end", end },
                                      { NULL, NULL } };

void mlpi_open_profile (lua_State *L);
void mlpi_open_profile (lua_State *L) { luaL_setfuncs(L, functions, 0); }
