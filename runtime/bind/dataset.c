/*
** dataset.c - datasets as Lua values: their fields, rows, splits, batches.
*/
#include "bind/dataset.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void release (void *p) { mlpi_dataset_release(p); }

static mlp_Dataset *todataset (lua_State *L, int arg) {
  return mlpi_tobox(L, arg, MLPI_DATASET);
}

mlp_Dataset **mlpi_newdataset (lua_State *L) {
  return (mlp_Dataset **)mlpi_newbox(L, MLPI_DATASET);
}

void mlpi_account_tensor (lua_State *L, const mlp_Tensor *t) {
  if (t != NULL)
    mlpi_account(L, mlpi_count(&t->a) * mlpi_dtype_size(t->a.dtype));
}

void mlpi_account_dataset (lua_State *L, const mlp_Dataset *d) {
  mlpi_account_tensor(L, d->x);
  mlpi_account_tensor(L, d->y);
}

static void push_tensor (lua_State *L, mlp_Tensor *t) {
  if (t == NULL)
    lua_pushnil(L);
  else
    *mlpi_newtensor(L) = mlpi_tensor_retain(t);
}

/* A list of names, or nil. */
static void push_names (lua_State *L, size_t n, char **names) {
  if (names == NULL) {
    lua_pushnil(L);
    return;
  }
  lua_createtable(L, (int)n, 0);
  for (size_t i = 0; i < n; i++) {
    lua_pushstring(L, names[i]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  mlpi_mark_names(L);
}

const char **mlpi_tonames (lua_State *L, int arg, const char *what, size_t *n) {
  if (!lua_istable(L, arg))
    mlpi_raise(L, MLP_EARG, "dataset: option '%s': expected a list of names",
               what);
  *n = lua_rawlen(L, arg);
  const char **names = lua_newuserdatauv(L, (*n + 1) * sizeof *names, 0);
  for (size_t i = 0; i < *n; i++) {
    if (lua_rawgeti(L, arg, (lua_Integer)i + 1) != LUA_TSTRING)
      mlpi_raise(L, MLP_EARG,
                 "dataset: option '%s': expected a string at %d, got %s", what,
                 (int)i + 1, luaL_typename(L, -1));
    names[i] = lua_tostring(L, -1);
    lua_pop(L, 1);
  }
  return names;
}

/*
** Making them
*/

/* core.generate(object): the dataset that a generator makes. */
static int generate (lua_State *L) {
  const mlp_Object *o = mlpi_tobox(L, 1, MLPI_OBJECT);
  if (strcmp(o->family, "dataset") != 0)
    mlpi_raise(L, MLP_EARG, "generate: expected a dataset, got a kind of %s",
               o->family);
  mlp_Dataset **d = mlpi_newdataset(L);
  mlpi_check(L, ((const mlp_Generator *)o->kind)->make(o->rt, o, d));
  mlpi_account_dataset(L, *d);
  return 1;
}

/* core.dataset(x, y or nil, n_classes, { name, class_names, feature_names })
** where n_classes 0 means values. */
static int dataset (lua_State *L) {
  size_t n;
  mlp_Tensor *x = mlpi_totensor(L, 1);
  mlp_Tensor *y = lua_isnoneornil(L, 2) ? NULL : mlpi_totensor(L, 2);
  lua_Integer k = luaL_checkinteger(L, 3);
  luaL_checktype(L, 4, LUA_TTABLE);
  const char *name = mlpi_optstring(L, 4, "dataset", "name");
  mlp_Dataset **d = mlpi_newdataset(L);
  mlpi_check(L, mlpi_dataset_new(x->rt, name, x, y, (size_t)k, d));
  if (lua_getfield(L, 4, "class_names") != LUA_TNIL) {
    const char **names = mlpi_tonames(L, lua_gettop(L), "class_names", &n);
    mlpi_check(L, mlpi_dataset_name_classes(*d, n, names));
  }
  if (lua_getfield(L, 4, "feature_names") != LUA_TNIL) {
    const char **names = mlpi_tonames(L, lua_gettop(L), "feature_names", &n);
    mlpi_check(L, mlpi_dataset_name_features(*d, n, names));
  }
  lua_settop(L, 5);
  return 1;
}

/* The label at row i, 'isnum' telling whether it is one. */
static int64_t check_label (lua_State *L, double v, bool isnum, size_t i) {
  if (isnum && v == floor(v) && fabs(v) < 0x1p53) return (int64_t)v;
  if (!isnum)
    mlpi_raise(L, MLP_ETYPE, "labels: expected whole numbers, got %s at row %d",
               luaL_typename(L, -1), (int)i);
  return mlpi_raise(L, MLP_ETYPE,
                    "labels: expected whole numbers, got %g at row %d", v,
                    (int)i);
}

/* core.labels(tensor or list): int64 classes, and the largest. */
static int labels (lua_State *L) {
  mlp_Tensor *from = mlpi_testbox(L, 1, MLPI_TENSOR);
  if (from == NULL) mlpi_table(L, 1, "labels", "a tensor or a list");
  size_t n = from != NULL ? mlpi_count(&from->a) : lua_rawlen(L, 1);
  mlp_Tensor **to = mlpi_newtensor(L);
  mlpi_check(L, mlpi_tensor_new(mlpi_runtime(L), MLP_INT64, 1, &n, to));
  int64_t *label = (*to)->a.data, most = 0;
  for (size_t i = 0; i < n; i++) {
    bool isnum = true;
    if (from == NULL)
      isnum = lua_rawgeti(L, 1, (lua_Integer)i + 1) == LUA_TNUMBER;
    double v = from != NULL ? mlpi_get(&from->a, i) : lua_tonumber(L, -1);
    label[i] = check_label(L, v, isnum, i + 1);
    if (label[i] > most) most = label[i];
    if (from == NULL) lua_pop(L, 1);
  }
  lua_pushinteger(L, most);
  return 2;
}

/*
** Rows
*/

/* Where row 'i' is (from 0; negative i count from the end). */
static size_t check_row (lua_State *L, const char *who, lua_Integer i,
                         size_t n) {
  lua_Integer at = i < 0 ? i + (lua_Integer)n : i - 1;
  if (i == 0 || at < 0 || (size_t)at >= n)
    mlpi_raise(L, MLP_EARG, "%s: expected a row from 1 to %d, got %d", who,
               (int)n, (int)i);
  return (size_t)at;
}

static lua_Integer check_whole (lua_State *L, const char *who, int arg) {
  int ok;
  lua_Integer i = lua_tointegerx(L, arg, &ok);
  if (!ok || lua_type(L, arg) != LUA_TNUMBER)
    mlpi_raise(L, MLP_EARG, "%s: expected a whole number, got %s", who,
               mlpi_got(L, arg));
  return i;
}

static int push_rows (lua_State *L, mlp_Dataset *d, size_t n,
                      const size_t *rows) {
  mlp_Dataset **part = mlpi_newdataset(L);
  mlpi_check(L, mlpi_dataset_rows_new(d, n, rows, part));
  mlpi_account_dataset(L, *part);
  return 1;
}

/* d:rows(from, to), both included */
static int rows (lua_State *L) {
  mlp_Dataset *d = todataset(L, 1);
  size_t n = mlpi_dataset_rows(d);
  size_t from = check_row(L, "rows", check_whole(L, "rows", 2), n), to = n - 1;
  if (!lua_isnoneornil(L, 3))
    to = check_row(L, "rows", check_whole(L, "rows", 3), n);
  size_t count = to < from ? 0 : to - from + 1;
  size_t *row = lua_newuserdatauv(L, (count + 1) * sizeof *row, 0);
  for (size_t i = 0; i < count; i++) row[i] = from + i;
  return push_rows(L, d, count, row);
}

/* d:take(list or tensor of row numbers) */
static int take (lua_State *L) {
  mlp_Dataset *d = todataset(L, 1);
  mlp_Tensor *t = mlpi_testbox(L, 2, MLPI_TENSOR);
  if (t == NULL) mlpi_table(L, 2, "take", "a list of row numbers, { 7, 1 }");
  size_t n = t != NULL ? mlpi_count(&t->a) : lua_rawlen(L, 2);
  size_t *row = lua_newuserdatauv(L, (n + 1) * sizeof *row, 0);
  for (size_t i = 0; i < n; i++) {
    if (t != NULL)
      lua_pushnumber(L, mlpi_get(&t->a, i));
    else
      lua_rawgeti(L, 2, (lua_Integer)i + 1);
    row[i] =
        check_row(L, "take", check_whole(L, "take", -1), mlpi_dataset_rows(d));
    lua_pop(L, 1);
  }
  return push_rows(L, d, n, row);
}

/* d:split { test = 0.25, how =, seed = } or d:split(0.25): the rest, then
** the part that was cut off. */
static int split (lua_State *L) {
  mlp_Dataset *d = todataset(L, 1);
  double share = 0.25, seed = -1;
  const char *how = NULL;
  if (lua_isnumber(L, 2))
    share = lua_tonumber(L, 2);
  else if (!lua_isnoneornil(L, 2)) {
    mlpi_table(L, 2, "split", "options, such as { test = 0.25 }, or a share");
    mlpi_checkkeys(L, 2, "split", "test how seed");
    share = mlpi_optnumber(L, 2, "split", "test", share);
    seed = (double)mlpi_optinteger(L, 2, "split", "seed", -1);
    how = mlpi_optstring(L, 2, "split", "how");
  }
  mlp_Dataset **first = mlpi_newdataset(L), **second = mlpi_newdataset(L);
  mlpi_check(L, mlpi_dataset_split(d, share, how,
                                   seed < 0 ? d->rt->seed : (uint64_t)seed,
                                   first, second));
  mlpi_account_dataset(L, *first);
  mlpi_account_dataset(L, *second);
  return 2;
}

/*
** Batches: a closure over the dataset, the order of its rows, and a cursor.
*/

typedef struct Cursor {
  size_t at, n, batch_size;
  bool drop_last;
  size_t order[];
} Cursor;

static void push_part (lua_State *L, const mlp_Tensor *from, size_t n,
                       const size_t *row, const char *field) {
  mlp_Tensor **t = mlpi_newtensor(L);
  mlpi_check(L, mlpi_take_rows(from, n, row, t));
  mlpi_account_tensor(L, *t);
  lua_setfield(L, -2, field);
}

static int next_batch (lua_State *L) {
  mlp_Dataset *d = todataset(L, lua_upvalueindex(1));
  Cursor *c = lua_touserdata(L, lua_upvalueindex(2));
  size_t n = c->n - c->at < c->batch_size ? c->n - c->at : c->batch_size;
  const size_t *row = c->order + c->at;
  if (n == 0 || (c->drop_last && n < c->batch_size)) return 0;
  lua_createtable(L, 0, 3);
  mlpi_mark_fields(L);
  push_part(L, d->x, n, row, "x");
  if (d->y != NULL) push_part(L, d->y, n, row, "y");
  mlp_Tensor **index = mlpi_newtensor(L);
  mlpi_check(L, mlpi_tensor_new(d->rt, MLP_INT64, 1, &n, index));
  for (size_t i = 0; i < n; i++)
    ((int64_t *)(*index)->a.data)[i] = (int64_t)row[i] + 1;
  lua_setfield(L, -2, "index");
  c->at += n;
  return 1;
}

/* for batch in d:batches { batch_size =, epoch =, shuffle =, drop_last = } */
static int batches (lua_State *L) {
  mlp_Dataset *d = todataset(L, 1);
  lua_settop(L, 2);
  if (!lua_isnil(L, 2))
    mlpi_table(L, 2, "batches", "options, such as { batch_size = 32 }");
  mlpi_checkkeys(L, 2, "batches", "batch_size epoch shuffle drop_last");
  lua_Integer size = mlpi_optinteger(L, 2, "batches", "batch_size", 32);
  lua_Integer epoch = mlpi_optinteger(L, 2, "batches", "epoch", 1);
  if (size < 1 || epoch < 1)
    mlpi_raise(
        L, MLP_EARG, "batches: option '%s': expected a number from 1, got %d",
        size < 1 ? "batch_size" : "epoch", (int)(size < 1 ? size : epoch));
  size_t n = mlpi_dataset_rows(d);
  lua_pushvalue(L, 1);
  Cursor *c = lua_newuserdatauv(L, sizeof *c + n * sizeof *c->order, 0);
  *c = (Cursor){ .n = n, .batch_size = (size_t)size };
  c->drop_last = mlpi_optboolean(L, 2, "drop_last", false);
  if (mlpi_optboolean(L, 2, "shuffle", true))
    mlpi_shuffle_order(d->rt, (uint64_t)epoch, n, c->order);
  else
    for (size_t i = 0; i < n; i++) c->order[i] = i;
  lua_pushcclosure(L, next_batch, 2);
  return 1;
}

/*
** Other columns
*/

/* d:with(x): x in place of d.x, all else kept. */
static int with_x (lua_State *L) {
  mlp_Dataset *d = todataset(L, 1);
  mlp_Tensor *x = mlpi_totensor(L, 2);
  mlp_Dataset **other = mlpi_newdataset(L);
  mlpi_check(L, mlpi_dataset_with(d, x, d->y, other));
  return 1;
}

/* d:map_x(f): f(d.x) in place of d.x. */
static int map_x (lua_State *L) {
  todataset(L, 1);
  if (!lua_isfunction(L, 2))
    mlpi_raise(L, MLP_EARG, "map_x: expected a function of x, got %s",
               mlpi_got(L, 2));
  lua_settop(L, 2);
  lua_getfield(L, 1, "x");
  lua_call(L, 1, 1);
  if (mlpi_testbox(L, 2, MLPI_TENSOR) == NULL)
    mlpi_raise(L, MLP_EARG,
               "map_x: expected the function to return a tensor, got %s",
               mlpi_got(L, 2));
  return with_x(L);
}

/*
** Fields and text
*/

static int index_field (lua_State *L) {
  static const char *const fields[] = {
    "x", "y", "n_classes", "class_names", "feature_names", "name", NULL
  };
  mlp_Dataset *d = todataset(L, 1);
  const char *key = luaL_checkstring(L, 2);
  int i = 0;
  while (fields[i] != NULL && strcmp(fields[i], key) != 0) i++;
  switch (i) {
  case 0:
    push_tensor(L, d->x);
    break;
  case 1:
    push_tensor(L, d->y);
    break;
  case 2:
    lua_pushinteger(L, (lua_Integer)d->n_classes);
    break;
  case 3:
    push_names(L, d->n_classes, d->class_names);
    break;
  case 4:
    push_names(L, d->n_features, d->feature_names);
    break;
  case 5:
    lua_pushstring(L, d->name);
    break;
  default:
    if (lua_getfield(L, lua_upvalueindex(1), key) == LUA_TNIL) /* methods */
      return mlpi_no_field(L, MLPI_DATASET, key, lua_upvalueindex(1));
  }
  return 1;
}

static int length (lua_State *L) {
  lua_pushinteger(L, (lua_Integer)mlpi_dataset_rows(todataset(L, 1)));
  return 1;
}

/* ", 2 classes: no 250, yes 250"; the first ten of many. */
static void add_classes (luaL_Buffer *b, const mlp_Dataset *d,
                         const size_t *count) {
  char text[32];
  snprintf(text, sizeof text, ", %zu classes:", d->n_classes);
  luaL_addstring(b, text);
  for (size_t c = 0; c < d->n_classes && c < 10; c++) {
    snprintf(text, sizeof text, "%zu", c + 1);
    luaL_addstring(b, c > 0 ? ", " : " ");
    luaL_addstring(b, d->class_names != NULL ? d->class_names[c] : text);
    snprintf(text, sizeof text, " (%zu)", count[c]);
    luaL_addstring(b, text);
  }
  if (d->n_classes > 10) luaL_addstring(b, ", ...");
}

static int tostring (lua_State *L) {
  char x[MLPI_SHAPE_TEXT], y[MLPI_SHAPE_TEXT];
  mlp_Dataset *d = todataset(L, 1);
  size_t *count = lua_newuserdatauv(L, (d->n_classes + 1) * sizeof *count, 0);
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  lua_pushfstring(L, "%s: %d rows, x %s %s",
                  d->name != NULL ? d->name : "dataset",
                  (int)mlpi_dataset_rows(d),
                  mlpi_shape_text(d->x->a.ndim, d->x->a.shape, x),
                  mlpi_dtype_name(d->x->a.dtype));
  luaL_addvalue(&b);
  if (d->n_classes > 0) {
    mlpi_dataset_class_counts(d, count);
    add_classes(&b, d, count);
  } else if (d->y != NULL) {
    lua_pushfstring(L, ", y %s",
                    mlpi_shape_text(d->y->a.ndim, d->y->a.shape, y));
    luaL_addvalue(&b);
  }
  luaL_pushresult(&b);
  return 1;
}

static const luaL_Reg methods[] = { { "rows", rows },   { "take", take },
                                    { "split", split }, { "batches", batches },
                                    { "with", with_x }, { "map_x", map_x },
                                    { NULL, NULL } };

static const luaL_Reg meta[] = { { "__len", length },
                                 { "__tostring", tostring },
                                 { NULL, NULL } };

static const luaL_Reg functions[] = { { "generate", generate },
                                      { "dataset", dataset },
                                      { "labels", labels },
                                      { NULL, NULL } };

void mlpi_open_dataset (lua_State *L);
void mlpi_open_dataset (lua_State *L) {
  mlpi_newtype(L, MLPI_DATASET, meta, methods, release);
  mlpi_index_with(L, MLPI_DATASET, index_field);
  luaL_setfuncs(L, functions, 0);
}
