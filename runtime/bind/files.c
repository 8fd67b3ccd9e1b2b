/*
** files.c - datasets and tensors from files, for Lua.
*/
#include "bind/dataset.h"
#include "data/load.h"

#include <string.h>

/* The columns in the option 'name' (a list, or one) as an array that a
** userdata on top of the stack holds. */
static mlpi_Column *columns (lua_State *L, int arg, const char *name,
                             size_t *n) {
  lua_getfield(L, arg, name);
  bool list = lua_istable(L, -1);
  *n = lua_isnil(L, -1) ? 0 : list ? lua_rawlen(L, -1) : 1;
  mlpi_Column *c = lua_newuserdatauv(L, (*n + 1) * sizeof *c, 0);
  for (size_t i = 0; i < *n; i++) {
    if (list)
      lua_rawgeti(L, -2, (lua_Integer)i + 1);
    else
      lua_pushvalue(L, -2);
    int isnum = lua_isinteger(L, -1);
    if (!isnum && lua_type(L, -1) != LUA_TSTRING)
      mlpi_raise(L, MLP_EARG,
                 "csv: option '%s': expected columns by name or number, got %s",
                 name, mlpi_got(L, -1));
    c[i] = (mlpi_Column){ isnum ? NULL : lua_tostring(L, -1),
                          isnum ? (long)lua_tointeger(L, -1) : 0 };
    lua_pop(L, 1);
  }
  return c;
}

/* An option of one word: its place in 'words', else -1 where it is absent. */
static int word (lua_State *L, int arg, const char *name, int n,
                 const char *const *words) {
  const char *s = mlpi_optstring(L, arg, "csv", name);
  for (int i = 0; s != NULL && i < n; i++)
    if (strcmp(s, words[i]) == 0) return i;
  if (s != NULL)
    mlpi_raise(L, MLP_EARG, "csv: option '%s': expected %s, %s%s%s, got '%s'",
               name, words[0], words[1], n > 2 ? " or " : "",
               n > 2 ? words[2] : "", s);
  return -1;
}

/* An option that is true, false, or absent: 1, 0, -1. */
static int maybe (lua_State *L, int arg, const char *name) {
  bool set = lua_getfield(L, arg, name) != LUA_TNIL;
  lua_pop(L, 1);
  return set ? mlpi_optboolean(L, arg, name, false) : -1;
}

/* An option of one character. */
static char letter (lua_State *L, int arg, const char *name, char preset) {
  const char *s = mlpi_optstring(L, arg, "csv", name);
  if (s == NULL) return preset;
  if (strlen(s) != 1 || strchr("\"\r\n", s[0]) != NULL)
    mlpi_raise(L, MLP_EARG,
               "csv: option '%s': expected one character, got '%s'", name, s);
  return s[0];
}

/* core.csv(path, options, text, line): of the file, or of that text of it */
static int csv (lua_State *L) {
  static const char *const missing[] = { "error", "nan", "drop" };
  static const char *const dtypes[] = { "float32", "float64" };
  const char *path = mlpi_topath(L, 1, "csv");
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 4);
  mlpi_CsvOptions o = { .header = maybe(L, 2, "header"),
                        .classes = maybe(L, 2, "classes"),
                        .separator = letter(L, 2, "separator", 0),
                        .decimal = letter(L, 2, "decimal", '.') };
  int m = word(L, 2, "missing", 3, missing);
  if (m > 0) o.missing = m == 1 ? MLPI_MISSING_NAN : MLPI_MISSING_DROP;
  o.dtype = word(L, 2, "dtype", 2, dtypes) == 1 ? MLP_FLOAT64 : MLP_FLOAT32;
  bool none = lua_getfield(L, 2, "target") == LUA_TBOOLEAN;
  lua_pop(L, 1);
  size_t targets = 0;
  if (!none) {
    const mlpi_Column *target = columns(L, 2, "target", &targets);
    o.target = targets > 0 ? target[0] : (mlpi_Column){ NULL, -1 };
  }
  o.drop = columns(L, 2, "drop", &o.n_drop);
  o.one_hot = columns(L, 2, "one_hot", &o.n_one_hot);
  mlp_Dataset **d = mlpi_newdataset(L);
  size_t n;
  const char *text = luaL_optlstring(L, 3, NULL, &n);
  mlpi_check(L, text == NULL ? mlpi_load_csv(mlpi_runtime(L), path, &o, d)
                             : mlpi_load_csv_text(
                                   mlpi_runtime(L), path, n, text,
                                   (size_t)luaL_checkinteger(L, 4), &o, d));
  mlpi_account_dataset(L, *d);
  return 1;
}

/* core.idx(path): a tensor. */
static int idx (lua_State *L) {
  const char *path = mlpi_topath(L, 1, "idx");
  mlp_Tensor **t = mlpi_newtensor(L);
  mlpi_check(L, mlpi_load_idx(mlpi_runtime(L), path, t));
  mlpi_account_tensor(L, *t);
  return 1;
}

/* core.images(name, path of images, path of labels, class names) */
static int images (lua_State *L) {
  size_t n;
  const char *name = luaL_checkstring(L, 1), *x = luaL_checkstring(L, 2);
  const char *y = luaL_checkstring(L, 3);
  const char **names = mlpi_tonames(L, 4, "class_names", &n);
  mlp_Dataset **d = mlpi_newdataset(L);
  mlpi_check(L, mlpi_load_images(mlpi_runtime(L), name, x, y, n, names, d));
  mlpi_account_dataset(L, *d);
  return 1;
}

/* core.save_csv(path, separator, names or nil, tensors, texts or falses) */
static int save_csv (lua_State *L) {
  const char *path = mlpi_topath(L, 1, "save_csv");
  const char *separator = luaL_checkstring(L, 2);
  size_t unused;
  const char **names =
      lua_isnil(L, 3) ? NULL : mlpi_tonames(L, 3, "names", &unused);
  const size_t n = lua_rawlen(L, 4);
  mlpi_CsvPart *parts = lua_newuserdatauv(L, n * sizeof *parts, 0);
  for (size_t i = 0; i < n; i++) {
    parts[i] = (mlpi_CsvPart){ .n_texts = 0 };
    lua_rawgeti(L, 4, (lua_Integer)i + 1);
    parts[i].a = mlpi_totensor(L, -1)->a;
    if (lua_rawgeti(L, 5, (lua_Integer)i + 1) == LUA_TTABLE)
      parts[i].texts =
          mlpi_tonames(L, lua_gettop(L), "texts", &parts[i].n_texts);
  }
  mlpi_check(
      L, mlpi_save_csv(mlpi_runtime(L), path, separator[0], names, n, parts));
  return 0;
}

/* core.save_idx(path, tensor) */
static int save_idx (lua_State *L) {
  const char *path = mlpi_topath(L, 1, "save_idx");
  const mlp_Tensor *t = mlpi_totensor(L, 2);
  mlpi_check(L, mlpi_save_idx(mlpi_runtime(L), path, &t->a));
  return 0;
}

static const luaL_Reg functions[] = {
  { "csv", csv },           { "idx", idx },           { "images", images },
  { "save_csv", save_csv }, { "save_idx", save_idx }, { NULL, NULL }
};

void mlpi_open_files (lua_State *L);
void mlpi_open_files (lua_State *L) { luaL_setfuncs(L, functions, 0); }
