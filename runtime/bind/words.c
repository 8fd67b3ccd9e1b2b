/*
** words.c - what messages say of a value, and of a field that is not there.
*/
#include "bind/bind.h"

#include <stdio.h>
#include <string.h>

/* "mlp.Dataset" as "dataset". */
static void push_type (lua_State *L, const char *type) {
  char word[40];
  const char *dot = strrchr(type, '.');
  snprintf(word, sizeof word, "%s", dot == NULL ? type : dot + 1);
  for (char *p = word; *p != '\0'; p++)
    if (*p >= 'A' && *p <= 'Z') *p += 'a' - 'A';
  lua_pushstring(L, word);
}

const char *mlpi_got (lua_State *L, int arg) {
  char shape[MLPI_SHAPE_TEXT];
  const mlp_Tensor *t = mlpi_testbox(L, arg, MLPI_TENSOR);
  arg = lua_absindex(L, arg);
  if (t != NULL)
    return lua_pushfstring(L, "a tensor %s",
                           mlpi_shape_text(t->a.ndim, t->a.shape, shape));
  switch (lua_type(L, arg)) {
  case LUA_TSTRING:
    return lua_pushfstring(L, "'%s'", lua_tostring(L, arg));
  case LUA_TNUMBER:
  case LUA_TBOOLEAN:
    return luaL_tolstring(L, arg, NULL);
  case LUA_TNONE:
  case LUA_TNIL:
    return lua_pushliteral(L, "none");
  }
  push_type(L, luaL_getmetafield(L, arg, "__name") == LUA_TSTRING
                   ? lua_tostring(L, -1)
                   : luaL_typename(L, arg));
  const char *word = lua_tostring(L, -1);
  return lua_pushfstring(L, "%s %s", strchr("aeiou", *word) ? "an" : "a", word);
}

lua_Number mlpi_number (lua_State *L, int arg, const char *who,
                        const char *name) {
  if (lua_type(L, arg) != LUA_TNUMBER)
    mlpi_raise(L, MLP_EARG, "%s: argument '%s': expected a number, got %s", who,
               name, mlpi_got(L, arg));
  return lua_tonumber(L, arg);
}

lua_Integer mlpi_integer (lua_State *L, int arg, const char *who,
                          const char *name) {
  int ok = 0;
  lua_Integer i = 0;
  if (lua_type(L, arg) == LUA_TNUMBER) i = lua_tointegerx(L, arg, &ok);
  if (!ok)
    mlpi_raise(L, MLP_EARG,
               "%s: argument '%s': expected a whole number, got "
               "%s",
               who, name, mlpi_got(L, arg));
  return i;
}

lua_Number mlpi_number_or (lua_State *L, int arg, const char *who,
                           const char *name, lua_Number preset) {
  return lua_isnoneornil(L, arg) ? preset : mlpi_number(L, arg, who, name);
}

lua_Integer mlpi_integer_or (lua_State *L, int arg, const char *who,
                             const char *name, lua_Integer preset) {
  return lua_isnoneornil(L, arg) ? preset : mlpi_integer(L, arg, who, name);
}

void mlpi_table (lua_State *L, int arg, const char *who, const char *want) {
  if (!lua_istable(L, arg))
    mlpi_raise(L, MLP_EARG, "%s: expected %s, got %s", who, want,
               mlpi_got(L, arg));
}

enum { MOST = 512 }; /* methods of a type, at most */

int mlpi_no_field (lua_State *L, const char *type, const char *key,
                   int methods) {
  const char *names[MOST];
  size_t n = 0;
  methods = lua_absindex(L, methods);
  for (lua_pushnil(L); lua_next(L, methods) != 0; lua_pop(L, 1))
    if (n < MOST && lua_type(L, -2) == LUA_TSTRING)
      names[n++] = lua_tostring(L, -2); /* the table keeps it */
  const char *near = mlpi_nearest(key, names, n);
  push_type(L, type);
  return mlpi_raise(L, MLP_EARG, "%s: no field or method '%s'%s%s%s",
                    lua_tostring(L, -1), key, near ? "; did you mean '" : "",
                    near ? near : "", near ? "'?" : "");
}
