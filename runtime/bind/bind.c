/*
** bind.c - what the files of this folder share: the runtime of a state, boxes,
** errors, options.
*/
#include "bind/bind.h"
#include "bind/embedded.h"
#include "bind/open.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define RUNTIME "mlp.runtime.1" /* registry key; the 1 is the interface's */
#define ERROR   "mlp.Error"

void mlpi_open_all (lua_State *L);

mlp_Runtime *mlpi_runtime (lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, RUNTIME);
  mlp_Runtime *rt = *(mlp_Runtime **)lua_touserdata(L, -1);
  lua_pop(L, 1);
  return rt;
}

/*
** Errors
*/

static const char *const status_names[] = {
  "ok",          "memory",       "argument",   "shape",  "type",   "io",
  "format",      "numeric",      "state",      "syntax", "script", "callback",
  "interrupted", "memory_limit", "time_limit", "busy",   "abi"
};

/* Is that the source of our own Lua library, built in or installed? */
static bool is_ours (const char *source) {
  size_t n = strlen(source);
  for (const mlpi_Embedded *e = mlpi_embedded; e->module != NULL; e++) {
    const char *path = e->chunk + 1; /* behind the '@' */
    size_t m = strlen(path);
    if (n > m && strcmp(source + n - m, path) == 0 &&
        strchr("@/", source[n - m - 1]) != NULL)
      return true;
  }
  return false;
}

/* "x.lua:12: ": the innermost line that is not of our own Lua library. */
void mlpi_push_where (lua_State *L) {
  lua_Debug ar;
  for (int level = 1; lua_getstack(L, level, &ar); level++) {
    lua_getinfo(L, "Sl", &ar);
    if (ar.currentline <= 0 || is_ours(ar.source)) continue;
    lua_pushfstring(L, "%s:%d: ", ar.short_src, ar.currentline);
    return;
  }
  lua_pushliteral(L, "");
}

/* Replace the message on top by an error object { message, kind }; mlpi_check
** adds the path where a file is concerned. */
static void make_error (lua_State *L, mlp_Status status) {
  mlpi_push_where(L);
  lua_insert(L, -2);
  lua_concat(L, 2);
  lua_createtable(L, 0, 3);
  lua_insert(L, -2);
  lua_setfield(L, -2, "message");
  lua_pushstring(L, status_names[status]);
  lua_setfield(L, -2, "kind");
  lua_pushinteger(L, status);
  lua_setfield(L, -2, "status");
  luaL_setmetatable(L, ERROR);
}

void mlpi_check (lua_State *L, mlp_Status status) {
  if (status == MLP_OK) return;
  if (status == MLP_ECALLBACK &&
      lua_getfield(L, LUA_REGISTRYINDEX, MLPI_CALLBACK_ERROR) != LUA_TNIL) {
    lua_pushnil(L);
    lua_setfield(L, LUA_REGISTRYINDEX, MLPI_CALLBACK_ERROR);
    lua_error(L);
  }
  lua_pushstring(L, mlp_last_error(mlpi_runtime(L)));
  make_error(L, status);
  if (mlpi_runtime(L)->path[0] != '\0') {
    lua_pushstring(L, mlpi_runtime(L)->path);
    lua_setfield(L, -2, "path");
  }
  lua_error(L);
}

int mlpi_raise (lua_State *L, mlp_Status status, const char *fmt, ...) {
  char text[MLPI_ERROR_MAX];
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  lua_pushstring(L, text);
  make_error(L, status);
  return lua_error(L);
}

mlp_Status mlpi_status_of (lua_State *L, int arg) {
  mlp_Status s = MLP_ESCRIPT;
  arg = lua_absindex(L, arg);
  if (lua_getmetatable(L, arg)) {
    luaL_getmetatable(L, ERROR);
    if (lua_rawequal(L, -1, -2)) {
      lua_getfield(L, arg, "status");
      s = (mlp_Status)lua_tointeger(L, -1);
      lua_pop(L, 1);
    }
    lua_pop(L, 2);
  }
  return s;
}

void mlpi_explain (lua_State *L) {
  const int top = lua_gettop(L);
  lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  if (lua_getfield(L, -1, "mlp.core") == LUA_TTABLE &&
      lua_getfield(L, -1, "explain") == LUA_TFUNCTION) {
    lua_pushvalue(L, 1);
    if (lua_pcall(L, 1, 1, 0) == LUA_OK) lua_replace(L, 1);
  }
  lua_settop(L, top);
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

/* core.raise(kind, message): the same error object from Lua. */
static int raise_from_lua (lua_State *L) {
  const char *kind = luaL_checkstring(L, 1);
  int status = MLP_EARG;
  for (int i = 0; i < (int)(sizeof status_names / sizeof *status_names); i++)
    if (strcmp(status_names[i], kind) == 0) status = i;
  luaL_checkstring(L, 2);
  lua_settop(L, 2);
  make_error(L, (mlp_Status)status);
  return lua_error(L);
}

static int error_tostring (lua_State *L) {
  lua_getfield(L, 1, "message");
  return 1;
}

/*
** Boxes
*/

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

/* Arguments are counted as they are written: t:f(x) has one. */
void *mlpi_tobox (lua_State *L, int arg, const char *type) {
  lua_Debug ar = { .name = NULL };
  void **box = luaL_testudata(L, arg, type);
  if (box != NULL && *box != NULL) return *box;
  const char *got = box != NULL ? "one that was freed" : mlpi_got(L, arg);
  const char *wanted = push_wanted(L, type);
  if (lua_getstack(L, 0, &ar)) lua_getinfo(L, "n", &ar);
  const char *name = ar.name == NULL ? "?" : ar.name;
  const bool method = ar.name != NULL && strcmp(ar.namewhat, "method") == 0;
  if (arg == 1 && (method || box == NULL))
    mlpi_raise(L, MLP_EARG,
               "%s: argument 1: expected %s, got %s; a method is called with "
               "':'",
               name, wanted, got);
  mlpi_raise(L, MLP_EARG, "%s: argument %d: expected %s, got %s", name,
             method ? arg - 1 : arg, wanted, got);
  return NULL;
}

/* __gc, __close and :free(): idempotent, and checked against the type. */
static int free_box (lua_State *L) {
  void **box = luaL_testudata(L, 1, lua_tostring(L, lua_upvalueindex(1)));
  if (box == NULL || *box == NULL) return 0;
  void *p = *box;
  *box = NULL;
  ((void (*)(void *))lua_touserdata(L, lua_upvalueindex(2)))(p);
  return 0;
}

static void push_free (lua_State *L, const char *type,
                       void (*release)(void *)) {
  lua_pushstring(L, type);
  lua_pushlightuserdata(L, (void *)(uintptr_t)release);
  lua_pushcclosure(L, free_box, 2);
}

void mlpi_newtype (lua_State *L, const char *type, const luaL_Reg *meta,
                   const luaL_Reg *methods, void (*release)(void *)) {
  luaL_newmetatable(L, type); /* sets __name */
  lua_newtable(L);
  if (methods != NULL) luaL_setfuncs(L, methods, 0);
  push_free(L, type, release);
  lua_setfield(L, -2, "free");
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "__methods");
  lua_setfield(L, -2, "__index");
  if (meta != NULL) luaL_setfuncs(L, meta, 0);
  push_free(L, type, release);
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

void mlpi_account (lua_State *L, size_t bytes) {
  mlp_Runtime *rt = mlpi_runtime(L);
  rt->unpaid += bytes;
  if (rt->unpaid < 64 * 1024) return;
  size_t kb = rt->unpaid / 1024;
  rt->unpaid = 0;
  lua_gc(L, LUA_GCSTEP, kb > 1 << 20 ? 1 << 20 : (int)kb);
}

/*
** Options
*/

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
  if (n == 0 || strlen(path) != n)
    mlpi_raise(L, MLP_EARG, "%s: argument 'path': expected a file name, got %s",
               who, mlpi_got(L, arg));
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

/*
** Opening
*/

static int load_embedded (lua_State *L) {
  const mlpi_Embedded *e = lua_touserdata(L, lua_upvalueindex(1));
  if (luaL_loadbufferx(L, (const char *)e->code, e->size, e->chunk, "t") !=
      LUA_OK)
    return lua_error(L);
  lua_pushvalue(L, 1);
  lua_call(L, 1, 1);
  return 1;
}

/* core.sources(): the text of each embedded module, by its chunk's name */
static int sources (lua_State *L) {
  lua_newtable(L);
  for (const mlpi_Embedded *e = mlpi_embedded; e->module != NULL; e++) {
    lua_pushlstring(L, (const char *)e->code, e->size);
    lua_setfield(L, -2, e->chunk);
  }
  return 1;
}

/* core.lecture(): the text of each script of experiments/, by its name */
static int lecture (lua_State *L) {
  lua_newtable(L);
  for (const mlpi_Embedded *e = mlpi_lecture; e->module != NULL; e++) {
    lua_pushlstring(L, (const char *)e->code, e->size);
    lua_setfield(L, -2, e->module);
  }
  return 1;
}

/* core.methods(): the table of methods of each of our types, by its name */
static int all_methods (lua_State *L) {
  lua_newtable(L);
  for (lua_pushnil(L); lua_next(L, LUA_REGISTRYINDEX) != 0; lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING || !lua_istable(L, -1)) continue;
    if (strncmp(lua_tostring(L, -2), "mlp.", 4) != 0) continue;
    lua_pushvalue(L, -2);
    lua_getfield(L, -2, "__methods");
    lua_rawset(L, -5);
  }
  return 1;
}

static int open_core (lua_State *L) {
  lua_newtable(L);
  lua_pushcfunction(L, sources);
  lua_setfield(L, -2, "sources");
  lua_pushcfunction(L, lecture);
  lua_setfield(L, -2, "lecture");
  lua_pushcfunction(L, all_methods);
  lua_setfield(L, -2, "methods");
  lua_pushcfunction(L, raise_from_lua);
  lua_setfield(L, -2, "raise");
  lua_pushcfunction(L, extend);
  lua_setfield(L, -2, "extend");
  mlpi_open_all(L);
  return 1;
}

static void preload (lua_State *L) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(L, open_core);
  lua_setfield(L, -2, "mlp.core");
  for (const mlpi_Embedded *e = mlpi_embedded; e->module != NULL; e++) {
    lua_pushlightuserdata(L, (void *)(uintptr_t)e);
    lua_pushcclosure(L, load_embedded, 1);
    lua_setfield(L, -2, e->module);
  }
  lua_pop(L, 1);
}

/*
** The box for the runtime in the registry, which knows whose it is: with
** another copy of this library in the state it raises. Pushes the box.
*/
static mlp_Runtime **runtime_box (lua_State *L) {
  static const char copy = 0; /* its address tells copies apart */
  if (lua_getfield(L, LUA_REGISTRYINDEX, RUNTIME) != LUA_TNIL) {
    lua_getiuservalue(L, -1, 1);
    if (lua_touserdata(L, -1) != &copy)
      luaL_error(L, "mlp: expected one copy of the library in a Lua state, "
                    "got a second");
    lua_pop(L, 1);
    return lua_touserdata(L, -1);
  }
  lua_pop(L, 1);
  mlp_Runtime **box = lua_newuserdatauv(L, sizeof *box, 1);
  *box = NULL;
  lua_pushlightuserdata(L, (void *)(uintptr_t)&copy);
  lua_setiuservalue(L, -2, 1);
  lua_pushvalue(L, -1);
  lua_setfield(L, LUA_REGISTRYINDEX, RUNTIME);
  if (luaL_newmetatable(L, ERROR)) {
    lua_pushcfunction(L, error_tostring);
    lua_setfield(L, -2, "__tostring");
  }
  lua_pop(L, 1);
  return box;
}

void mlpi_open (lua_State *L, mlp_Runtime *rt) {
  *runtime_box(L) = rt;
  lua_pop(L, 1);
  preload(L);
}

static int free_runtime (lua_State *L) {
  mlp_Runtime **box = lua_touserdata(L, 1);
  mlp_destroy(*box);
  *box = NULL;
  return 0;
}

int luaopen_mlp_core (lua_State *L) {
  mlp_Config config;
  luaL_checkversion(L);
  mlp_Runtime **box = runtime_box(L);
  if (*box != NULL) return open_core(L); /* package.loaded was cleared */
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, free_runtime);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2); /* set first, so collected last */
  mlp_config_init(&config);
  if (mlp_create(&config, box) != MLP_OK)
    return luaL_error(L, "mlp: cannot create a runtime");
  return open_core(L); /* the rest are files, found as any other */
}
