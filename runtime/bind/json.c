/*
** json.c - Lua values as JSON and back, by jansson. Whole numbers stay whole,
** others keep every bit, keys are sorted: equal values make equal text.
*/
#include "bind/bind.h"
#include "base/text.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#define JSON "mlp.Json" /* owns a tree, so that Lua may raise at any time */

enum { DEPTH = 64, TEXT_MAX = 16 << 20 };

static void release (void *p) { json_decref(p); }

/* The value on top, a table as an empty list or object. */
static json_t *to_json (lua_State *L) {
  size_t n;
  switch (lua_type(L, -1)) {
  case LUA_TBOOLEAN:
    return json_boolean(lua_toboolean(L, -1));
  case LUA_TNUMBER:
    if (lua_isinteger(L, -1)) return json_integer(lua_tointeger(L, -1));
    if (!isfinite(lua_tonumber(L, -1)))
      mlpi_raise(L, MLP_EARG, "json_encode: expected finite numbers");
    return json_real(lua_tonumber(L, -1));
  case LUA_TSTRING: {
    const char *s = lua_tolstring(L, -1, &n);
    json_t *v = strlen(s) == n ? json_stringn(s, n) : NULL;
    if (v == NULL)
      mlpi_raise(L, MLP_EARG,
                 "json_encode: expected strings in UTF-8 without a NUL");
    return v;
  }
  case LUA_TTABLE:
    lua_pushnil(L);
    if (lua_next(L, -2) == 0) {
      if (luaL_getmetafield(L, -1, "__object") == LUA_TNIL) return json_array();
      lua_pop(L, 1);
      return json_object();
    }
    lua_pop(L, 2);
    return lua_rawlen(L, -1) > 0 ? json_array() : json_object();
  default:
    mlpi_raise(L, MLP_EARG,
               "json_encode: expected booleans, numbers, strings and tables");
    return NULL;
  }
}

/* The value on top into 'parent', under 'key' where that is an object. */
static json_t *put (lua_State *L, json_t *parent, const char *key) {
  json_t *v = to_json(L);
  int failed = json_is_array(parent) ? json_array_append_new(parent, v)
                                     : json_object_set_new(parent, key, v);
  if (failed)
    mlpi_raise(L, MLP_EARG,
               "json_encode: expected keys in UTF-8, and memory for them");
  return v;
}

static void fill (lua_State *L, json_t *to, int depth);

static void fill_list (lua_State *L, json_t *to, int depth) {
  const lua_Unsigned n = lua_rawlen(L, -1);
  for (lua_Unsigned i = 1; i <= n; i++) {
    lua_rawgeti(L, -1, (lua_Integer)i);
    fill(L, put(L, to, NULL), depth);
    lua_pop(L, 1);
  }
}

static void fill_object (lua_State *L, json_t *to, int depth) {
  for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
    size_t n;
    if (lua_type(L, -2) != LUA_TSTRING)
      mlpi_raise(L, MLP_EARG,
                 "json_encode: expected a list, or a table with keys that are "
                 "strings");
    const char *key = lua_tolstring(L, -2, &n);
    if (strlen(key) != n)
      mlpi_raise(L, MLP_EARG, "json_encode: expected keys without a NUL");
    fill(L, put(L, to, key), depth);
  }
}

/* The fields of the table on top; nothing where that is none. */
static void fill (lua_State *L, json_t *to, int depth) {
  if (!lua_istable(L, -1)) return;
  if (depth >= DEPTH)
    mlpi_raise(L, MLP_EARG,
               "json_encode: expected tables nested less than 64 deep");
  luaL_checkstack(L, 8, "json");
  if (json_is_array(to))
    fill_list(L, to, depth + 1);
  else
    fill_object(L, to, depth + 1);
}

/* The number of n characters at s with as few digits as tell it from others:
** jansson writes 0.05 as 0.050000000000000003. A real one stays one: "5.0". */
static void add_number (luaL_Buffer *b, const char *s, size_t n) {
  char text[MLPI_NUMBER_TEXT];
  double x;
  if (strcspn(s, ".eE") >= n || !mlpi_parse_number(s, n, &x)) {
    luaL_addlstring(b, s, n);
    return;
  }
  luaL_addstring(b, mlpi_number_text(x, text));
  if (strpbrk(text, ".e") == NULL) luaL_addstring(b, ".0");
}

/* The text with its numbers so, and all else as it is. */
static void push_short (lua_State *L, const char *s, size_t n) {
  luaL_Buffer b;
  bool quoted = false;
  luaL_buffinit(L, &b);
  for (size_t i = 0, m; i < n; i += m) {
    m = quoted ? 0 : strspn(s + i, "+-.eE0123456789");
    if (m > 0 && s[i] != 'e') { /* not that of true and false */
      add_number(&b, s + i, m);
      continue;
    }
    m = quoted && s[i] == '\\' ? 2 : 1;
    if (s[i] == '"') quoted = !quoted;
    luaL_addlstring(&b, s + i, m);
  }
  luaL_pushresult(&b);
}

/* core.json_encode(value): text; an empty table is a list, unless the field
** __object of its metatable is set */
static int encode (lua_State *L) {
  enum { FLAGS = JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY };
  luaL_checkany(L, 1);
  lua_settop(L, 1);
  void **box = mlpi_newbox(L, JSON);
  lua_insert(L, 1);
  *box = to_json(L);
  if (*box == NULL)
    mlpi_raise(L, MLP_EARG, "json_encode: expected enough memory");
  fill(L, *box, 0);
  size_t n = json_dumpb(*box, NULL, 0, FLAGS | JSON_REAL_PRECISION(17));
  char *text = lua_newuserdatauv(L, n + 1, 0);
  n = json_dumpb(*box, text, n, FLAGS | JSON_REAL_PRECISION(17));
  text[n] = '\0';
  push_short(L, text, n);
  return 1;
}

static void push (lua_State *L, json_t *v, int depth);

static void push_object (lua_State *L, json_t *v, int depth) {
  const char *key;
  json_t *field;
  lua_createtable(L, 0, (int)json_object_size(v));
  json_object_foreach(v, key, field) {
    push(L, field, depth);
    lua_setfield(L, -2, key);
  }
}

static void push_list (lua_State *L, json_t *v, int depth) {
  const size_t n = json_array_size(v);
  lua_createtable(L, (int)n, 0);
  for (size_t i = 0; i < n; i++) {
    push(L, json_array_get(v, i), depth);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
}

static void push (lua_State *L, json_t *v, int depth) {
  if (depth > DEPTH)
    mlpi_raise(L, MLP_EFORMAT,
               "json_decode: expected values nested less than 64 deep");
  luaL_checkstack(L, 4, "json");
  if (json_is_object(v))
    push_object(L, v, depth + 1);
  else if (json_is_array(v))
    push_list(L, v, depth + 1);
  else if (json_is_string(v))
    lua_pushlstring(L, json_string_value(v), json_string_length(v));
  else if (json_is_integer(v))
    lua_pushinteger(L, (lua_Integer)json_integer_value(v));
  else if (json_is_real(v))
    lua_pushnumber(L, json_real_value(v));
  else if (json_is_boolean(v))
    lua_pushboolean(L, json_is_true(v));
  else
    mlpi_raise(L, MLP_EFORMAT, "json_decode: expected a value, got null");
}

/* core.json_decode(text): its value; no null, no two equal keys */
static int decode (lua_State *L) {
  size_t n;
  json_error_t e;
  const char *text = luaL_checklstring(L, 1, &n);
  if (n > TEXT_MAX)
    mlpi_raise(L, MLP_EFORMAT, "json_decode: expected at most 16 MiB of text");
  void **box = mlpi_newbox(L, JSON);
  *box = json_loadb(text, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);
  if (*box == NULL)
    mlpi_raise(L, MLP_EFORMAT, "json_decode: expected JSON, got: %s (byte %d)",
               e.text, e.position);
  push(L, *box, 0);
  return 1;
}

void mlpi_open_json (lua_State *L);
void mlpi_open_json (lua_State *L) {
  static const luaL_Reg functions[] = { { "json_encode", encode },
                                        { "json_decode", decode },
                                        { NULL, NULL } };
  mlpi_newtype(L, JSON, NULL, NULL, release);
  luaL_setfuncs(L, functions, 0);
}
