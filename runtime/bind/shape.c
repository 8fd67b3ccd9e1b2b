/*
** shape.c - a tensor's shape as a Lua value: a list of sizes that prints as
** "(200, 3)" and equals any list of the same sizes.
*/
#include "bind/tensor.h"

#define SHAPE "mlp.Shape"

void mlpi_push_shape (lua_State *L, const mlpi_Array *a) {
  lua_createtable(L, a->ndim, 0);
  for (int i = 0; i < a->ndim; i++) {
    lua_pushinteger(L, (lua_Integer)a->shape[i]);
    lua_rawseti(L, -2, i + 1);
  }
  luaL_setmetatable(L, SHAPE);
}

static int tostring (lua_State *L) {
  luaL_Buffer b;
  lua_Integer n = luaL_len(L, 1);
  luaL_buffinit(L, &b);
  luaL_addchar(&b, '(');
  for (lua_Integer i = 1; i <= n; i++) {
    lua_geti(L, 1, i);
    luaL_addvalue(&b);
    if (i < n) luaL_addstring(&b, ", ");
  }
  luaL_addchar(&b, ')');
  luaL_pushresult(&b);
  return 1;
}

static int equal (lua_State *L) {
  lua_Integer n = luaL_len(L, 1);
  bool same = luaL_len(L, 2) == n;
  for (lua_Integer i = 1; same && i <= n; i++) {
    lua_geti(L, 1, i);
    lua_geti(L, 2, i);
    same = lua_rawequal(L, -2, -1);
    lua_pop(L, 2);
  }
  lua_pushboolean(L, same);
  return 1;
}

static int concat (lua_State *L) {
  luaL_tolstring(L, 1, NULL);
  luaL_tolstring(L, 2, NULL);
  lua_concat(L, 2);
  return 1;
}

void mlpi_open_shape (lua_State *L);
void mlpi_open_shape (lua_State *L) {
  luaL_newmetatable(L, SHAPE);
  static const luaL_Reg meta[] = { { "__tostring", tostring },
                                   { "__eq", equal },
                                   { "__concat", concat },
                                   { NULL, NULL } };
  luaL_setfuncs(L, meta, 0);
  lua_pop(L, 1);
}
