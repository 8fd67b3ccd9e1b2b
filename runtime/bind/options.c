/*
** options.c - tables of options, as the engine takes them.
*/
#include "bind/bind.h"

#include <string.h>

static int get_field (lua_State *L, int arg, const char *name) {
  if (!lua_istable(L, arg)) {
    lua_pushnil(L);
    return LUA_TNIL;
  }
  return lua_getfield(L, arg, name);
}

static void bad_option (lua_State *L, const char *who, const char *name,
                        const char *want) {
  mlpi_raise(L, MLP_EARG, "%s: option '%s': expected %s, got %s", who, name,
             want, mlpi_got(L, -1));
}

const char *mlpi_topath (lua_State *L, int arg, const char *who) {
  size_t n = 0;
  const char *path =
      lua_type(L, arg) == LUA_TSTRING ? lua_tolstring(L, arg, &n) : NULL;
  const bool cut = n > 0 && strlen(path) != n;
  if (n == 0 || cut)
    mlpi_raise(L, MLP_EARG,
               "%s: argument 'path': expected a file name, got %s%s", who,
               mlpi_got(L, arg), cut ? " with a zero byte behind it" : "");
  return path;
}

lua_Number mlpi_optnumber (lua_State *L, int arg, const char *who,
                           const char *name, lua_Number preset) {
  lua_Number v = preset;
  int type = get_field(L, arg, name);
  if (type == LUA_TNUMBER)
    v = lua_tonumber(L, -1);
  else if (type != LUA_TNIL)
    bad_option(L, who, name, "a number");
  lua_pop(L, 1);
  return v;
}

lua_Integer mlpi_optinteger (lua_State *L, int arg, const char *who,
                             const char *name, lua_Integer preset) {
  int ok = 1;
  lua_Integer v = preset;
  int type = get_field(L, arg, name);
  if (type == LUA_TNUMBER) v = lua_tointegerx(L, -1, &ok);
  if (!ok || (type != LUA_TNUMBER && type != LUA_TNIL))
    bad_option(L, who, name, "a whole number");
  lua_pop(L, 1);
  return v;
}

bool mlpi_optboolean (lua_State *L, int arg, const char *name, bool preset) {
  bool v =
      get_field(L, arg, name) == LUA_TNIL ? preset : lua_toboolean(L, -1) != 0;
  lua_pop(L, 1);
  return v;
}

const char *mlpi_optstring (lua_State *L, int arg, const char *who,
                            const char *name) {
  const char *v = NULL;
  int type = get_field(L, arg, name);
  if (type == LUA_TSTRING)
    v = lua_tostring(L, -1);
  else if (type != LUA_TNIL)
    bad_option(L, who, name, "a string");
  lua_pop(L, 1);
  return v;
}

enum { WORDS = 64 };

/* Cut 'list' into words, in 'copy'; how many. */
static size_t words (const char *list, char *copy, size_t size,
                     const char **word) {
  size_t n = 0;
  snprintf(copy, size, "%s", list);
  for (char *p = copy; *p != '\0' && n < WORDS;) {
    char *end = p + strcspn(p, " ");
    word[n++] = p;
    p = *end == '\0' ? end : end + 1;
    *end = '\0';
  }
  return n;
}

static void check_key (lua_State *L, const char *who, const char *key, size_t n,
                       const char *const *word, const char *known) {
  for (size_t i = 0; i < n; i++)
    if (strcmp(word[i], key) == 0) return;
  const char *near = mlpi_nearest(key, word, n);
  mlpi_raise(L, MLP_EARG, "%s: unknown option '%s'%s%s%s; known options: %s",
             who, key, near ? "; did you mean '" : "", near ? near : "",
             near ? "'?" : "", known[0] == '\0' ? "none" : known);
}

void mlpi_checkkeys (lua_State *L, int arg, const char *who,
                     const char *known) {
  char copy[1024];
  const char *word[WORDS];
  if (!lua_istable(L, arg)) return;
  size_t n = words(known, copy, sizeof copy, word);
  for (lua_pushnil(L); lua_next(L, arg) != 0; lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING) continue;
    check_key(L, who, lua_tostring(L, -2), n, word, known);
  }
}
