/*
** shape.c - short lists as Lua values: a shape prints as "(200, 3)", names as
** "{ no, yes }"; each equals any list of the same elements. Other tables print
** with their fields, instead of an address.
*/
#include "bind/tensor.h"

#define SHAPE  "mlp.Shape"
#define NAMES  "mlp.Names"
#define FIELDS "mlp.Fields"

void mlpi_push_shape (lua_State *L, const mlpi_Array *a) {
  lua_createtable(L, a->ndim, 0);
  for (int i = 0; i < a->ndim; i++) {
    lua_pushinteger(L, (lua_Integer)a->shape[i]);
    lua_rawseti(L, -2, i + 1);
  }
  mlpi_mark_shape(L);
}

void mlpi_mark_shape (lua_State *L) { luaL_setmetatable(L, SHAPE); }
void mlpi_mark_names (lua_State *L) { luaL_setmetatable(L, NAMES); }
void mlpi_mark_fields (lua_State *L) { luaL_setmetatable(L, FIELDS); }

/* core.mark_fields(t): t */
static int mark_fields (lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  mlpi_mark_fields(L);
  return 1;
}

/* Upvalues: what stands in front, and behind. */
static int tostring (lua_State *L) {
  luaL_Buffer b;
  lua_Integer n = luaL_len(L, 1);
  luaL_buffinit(L, &b);
  luaL_addstring(&b, lua_tostring(L, lua_upvalueindex(1)));
  for (lua_Integer i = 1; i <= n; i++) {
    lua_geti(L, 1, i);
    luaL_tolstring(L, -1, NULL);
    lua_remove(L, -2);
    luaL_addvalue(&b);
    if (i < n) luaL_addstring(&b, ", ");
  }
  const char *behind = lua_tostring(L, lua_upvalueindex(2));
  if (n == 1 && behind[0] == ')') luaL_addchar(&b, ','); /* "(3,)" */
  luaL_addstring(&b, behind);
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

static void open (lua_State *L, const char *type, const char *front,
                  const char *behind) {
  static const luaL_Reg meta[] = { { "__eq", equal },
                                   { "__concat", concat },
                                   { NULL, NULL } };
  luaL_newmetatable(L, type);
  luaL_setfuncs(L, meta, 0);
  lua_pushstring(L, front);
  lua_pushstring(L, behind);
  lua_pushcclosure(L, tostring, 2);
  lua_setfield(L, -2, "__tostring");
  lua_pop(L, 1);
}

void mlpi_open_shape (lua_State *L);
void mlpi_open_shape (lua_State *L) {
  open(L, SHAPE, "(", ")");
  open(L, NAMES, "{ ", " }");
  luaL_newmetatable(L, FIELDS); /* a table is still a table in messages */
  lua_pushnil(L);
  lua_setfield(L, -2, "__name");
  lua_pop(L, 1);
  lua_pushcfunction(L, mark_fields);
  lua_setfield(L, -2, "mark_fields");
}
