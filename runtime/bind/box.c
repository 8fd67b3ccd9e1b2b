/*
** box.c - userdata that hold one pointer: making, checking, freeing them, and
** the types that they are of.
*/
#include "bind/bind.h"

#include <ctype.h>
#include <string.h>

void **mlpi_newbox (lua_State *L, const char *type) {
  void **box = lua_newuserdatauv(L, sizeof *box, 1);
  *box = NULL;
  luaL_setmetatable(L, type);
  return box;
}

void *mlpi_testbox (lua_State *L, int arg, const char *type) {
  void **box = luaL_testudata(L, arg, type);
  return box == NULL ? NULL : *box;
}

/* "mlp.Tensor" as a reader would say it: "a tensor". */
static const char *push_wanted (lua_State *L, const char *type) {
  if (strcmp(type, MLPI_OBJECT) == 0) return "an object such as mlp.Adam()";
  const char *word = strchr(type, '.') + 1;
  return lua_pushfstring(L, "a %c%s", tolower((unsigned char)*word), word + 1);
}

/* "one that was freed at x.lua:12" */
static const char *push_freed (lua_State *L, int arg) {
  if (lua_getiuservalue(L, arg, 1) != LUA_TSTRING)
    return lua_pushliteral(L, "one that was freed");
  return lua_pushfstring(L, "one that was freed at %s", lua_tostring(L, -1));
}

/* Arguments are counted as they are written: t:f(x) has one. */
void *mlpi_tobox (lua_State *L, int arg, const char *type) {
  lua_Debug ar = { .name = NULL };
  void **box = luaL_testudata(L, arg, type);
  if (box != NULL && *box != NULL) return *box;
  const char *got = box != NULL ? push_freed(L, arg) : mlpi_got(L, arg);
  const char *wanted = push_wanted(L, type);
  if (lua_getstack(L, 0, &ar)) lua_getinfo(L, "n", &ar);
  const char *name = ar.name == NULL ? "?" : ar.name;
  if (strcmp(name, "index") == 0 && lua_type(L, 2) == LUA_TSTRING)
    name = lua_tostring(L, 2); /* the method that is looked for */
  const bool method = ar.name != NULL && strcmp(ar.namewhat, "method") == 0;
  if (arg == 1 && (method || box == NULL))
    mlpi_raise(L, MLP_EARG,
               "%s: argument 1: expected %s, got %s; a method is called with "
               "':'",
               name, wanted, got);
  if (arg < 0) /* one of a list */
    mlpi_raise(L, MLP_EARG, "%s: expected %s, got %s", name, wanted, got);
  mlpi_raise(L, MLP_EARG, "%s: argument %d: expected %s, got %s", name,
             method ? arg - 1 : arg, wanted, got);
  return NULL;
}

/* Idempotent, and checked against the type; false: there was nothing. */
static bool release_box (lua_State *L) {
  void **box = luaL_testudata(L, 1, lua_tostring(L, lua_upvalueindex(1)));
  if (box == NULL || *box == NULL) return false;
  void *p = *box;
  *box = NULL;
  ((void (*)(void *))lua_touserdata(L, lua_upvalueindex(2)))(p);
  return true;
}

/* __gc, __close */
static int end_box (lua_State *L) {
  release_box(L);
  return 0;
}

/* :free() leaves the place where it was called, for who comes later. */
static int free_box (lua_State *L) {
  if (!release_box(L) || lua_getiuservalue(L, 1, 1) != LUA_TNIL) return 0;
  mlpi_push_where(L);
  const char *where = lua_tostring(L, -1);
  const size_t n = strlen(where);
  if (n < 2) return 0;
  lua_pushlstring(L, where, n - 2); /* without ": " */
  lua_setiuservalue(L, 1, 1);
  return 0;
}

static void push_free (lua_State *L, const char *type, void (*release)(void *),
                       lua_CFunction f) {
  lua_pushstring(L, type);
  lua_pushlightuserdata(L, (void *)(uintptr_t)release);
  lua_pushcclosure(L, f, 2);
}

void mlpi_newtype (lua_State *L, const char *type, const luaL_Reg *meta,
                   const luaL_Reg *methods, void (*release)(void *)) {
  luaL_newmetatable(L, type); /* sets __name */
  lua_newtable(L);
  if (methods != NULL) luaL_setfuncs(L, methods, 0);
  push_free(L, type, release, free_box);
  lua_setfield(L, -2, "free");
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "__methods");
  lua_setfield(L, -2, "__index");
  if (meta != NULL) luaL_setfuncs(L, meta, 0);
  push_free(L, type, release, end_box);
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "__gc");
  lua_setfield(L, -2, "__close");
  lua_pushstring(L, type);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
}

void mlpi_index_with (lua_State *L, const char *type, lua_CFunction f) {
  luaL_getmetatable(L, type);
  lua_getfield(L, -1, "__index");
  lua_pushcclosure(L, f, 1);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}

/* value.key: a method; upvalues: the methods, the type's name */
static int strict_index (lua_State *L) {
  lua_settop(L, 2);
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) return 1;
  return mlpi_no_field(L, lua_tostring(L, lua_upvalueindex(2)),
                       luaL_tolstring(L, 2, NULL), lua_upvalueindex(1));
}

void mlpi_strict (lua_State *L, const char *type) {
  luaL_getmetatable(L, type);
  lua_getfield(L, -1, "__index");
  lua_pushstring(L, type);
  lua_pushcclosure(L, strict_index, 2);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}

enum { GARBAGE = 16 << 10 }; /* KiB that may wait for a collection */

/* Lua begins a collection when its memory has doubled. Tensors are counted in
** smaller coin, so that it does when GARBAGE of them have been made. */
void mlpi_account (lua_State *L, size_t bytes) {
  mlp_Runtime *rt = mlpi_runtime(L);
  rt->unpaid += bytes;
  if (rt->unpaid < 256 * 1024) return;
  double kb = (double)rt->unpaid / 1024;
  const int lua = lua_gc(L, LUA_GCCOUNT);
  rt->unpaid = 0;
  if (lua < GARBAGE) kb = kb * lua / GARBAGE;
  lua_gc(L, LUA_GCSTEP, kb > 1 << 20 ? 1 << 20 : (int)kb);
}

/* core.extend(type, methods, metamethods): what Lua adds to a type. */
static int extend (lua_State *L) {
  lua_settop(L, 3);
  luaL_getmetatable(L, luaL_checkstring(L, 1));
  luaL_checktype(L, 4, LUA_TTABLE); /* raises for an unknown type */
  lua_getfield(L, 4, "__methods");
  for (int from = 2; from <= 3; from++) {
    if (!lua_istable(L, from)) continue;
    for (lua_pushnil(L); lua_next(L, from) != 0;) {
      lua_pushvalue(L, -2);
      lua_insert(L, -2);
      lua_rawset(L, from == 2 ? 5 : 4);
    }
  }
  return 0;
}

void mlpi_open_box (lua_State *L);
void mlpi_open_box (lua_State *L) {
  lua_pushcfunction(L, extend);
  lua_setfield(L, -2, "extend");
}
