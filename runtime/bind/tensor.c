/*
** tensor.c - tensors as Lua values: making, reading, changing them.
*/
#include "bind/tensor.h"

#include <math.h>
#include <string.h>

static void release (void *p) { mlpi_tensor_release(p); }

mlp_Tensor **mlpi_newtensor (lua_State *L) {
  return (mlp_Tensor **)mlpi_newbox(L, MLPI_TENSOR);
}

mlp_Tensor *mlpi_totensor (lua_State *L, int arg) {
  return mlpi_tobox(L, arg, MLPI_TENSOR);
}

void mlpi_check_values (lua_State *L, const mlp_Tensor *t, const char *who) {
  if (t->symbol)
    mlpi_raise(L, MLP_ESTATE,
               "%s: expected a tensor with values, got a symbol: inside a "
               "traced loss, layer or metric only tensor operations work",
               who);
  if (t->storage == NULL)
    mlpi_raise(L, MLP_ESTATE, "%s: a weight of a model that is not built yet",
               who);
}

mlp_Dtype mlpi_todtype (lua_State *L, int arg, const char *who) {
  const char *name = lua_tostring(L, arg);
  for (int d = MLP_FLOAT32; d <= MLP_UINT8 && name != NULL; d++)
    if (strcmp(name, mlpi_dtype_name((mlp_Dtype)d)) == 0) return (mlp_Dtype)d;
  static const char *const names[] = { "float32", "float64", "int64", "uint8" };
  const char *near = name == NULL ? NULL : mlpi_nearest(name, names, 4);
  mlpi_raise(L, MLP_EARG,
             "%s: expected a dtype (float32, float64, int64, uint8), got "
             "%s%s%s%s",
             who, mlpi_got(L, arg), near ? "; did you mean '" : "",
             near ? near : "", near ? "'?" : "");
  return MLP_FLOAT32;
}

mlp_Dtype mlpi_optdtype (lua_State *L, int arg, const char *who,
                         mlp_Dtype preset) {
  mlp_Dtype d = preset;
  if (lua_isnoneornil(L, arg)) return d;
  mlpi_table(L, arg, who, "options, such as { dtype = \"int64\" }");
  mlpi_checkkeys(L, arg, who, "dtype requires_grad");
  if (lua_getfield(L, arg, "dtype") != LUA_TNIL) d = mlpi_todtype(L, -1, who);
  lua_pop(L, 1);
  return d;
}

static int64_t to_size (lua_State *L, int at, const char *who, int position,
                        bool negative) {
  int ok = 0;
  lua_Integer n = 0;
  if (lua_type(L, at) == LUA_TNUMBER) n = lua_tointegerx(L, at, &ok);
  if (!ok || n < (negative ? -1 : 0))
    mlpi_raise(L, MLP_EARG,
               "%s: shape: expected a whole number >= 0 at position %d, got %s",
               who, position, mlpi_got(L, at));
  return n;
}

int mlpi_tosizes (lua_State *L, int arg, const char *who, bool negative,
                  int64_t *size, int *next) {
  bool list = lua_istable(L, arg);
  int n = list ? (int)lua_rawlen(L, arg) : 0;
  if (!list)
    while (lua_type(L, arg + n) == LUA_TNUMBER) n++;
  if (!list && n == 0 && !lua_isnoneornil(L, arg)) /* raises */
    to_size(L, arg, who, 1, negative);
  if (n > MLP_MAXDIM)
    mlpi_raise(L, MLP_ESHAPE, "%s: expected at most %d dimensions, got %d", who,
               MLP_MAXDIM, n);
  for (int i = 0; i < n; i++) {
    if (list)
      lua_rawgeti(L, arg, i + 1);
    else
      lua_pushvalue(L, arg + i);
    size[i] = to_size(L, -1, who, i + 1, negative);
    lua_pop(L, 1);
  }
  if (next != NULL) *next = list ? arg + 1 : arg + n;
  return n;
}

/* A new tensor on the stack with undefined contents. */
static mlp_Tensor *push_new (lua_State *L, mlp_Dtype dtype, int ndim,
                             const int64_t *size) {
  mlp_Runtime *rt = mlpi_runtime(L);
  size_t shape[MLP_MAXDIM];
  for (int i = 0; i < ndim; i++) shape[i] = (size_t)size[i];
  mlp_Tensor **box = mlpi_newtensor(L);
  mlp_Status s = mlpi_tensor_new(rt, dtype, ndim, shape, box);
  if (s == MLP_ENOMEM || s == MLP_ELIMITMEM) {
    lua_gc(L, LUA_GCCOLLECT);
    s = mlpi_tensor_new(rt, dtype, ndim, shape, box);
  }
  mlpi_check(L, s);
  mlpi_account(L, (*box)->storage->bytes);
  return *box;
}

/*
** From tables
*/

/* What is on top of the stack is no list of n; n = 0: no number. */
static void ragged (lua_State *L, const mlp_Tensor *t, size_t at, size_t n) {
  const size_t row = at / (mlpi_count(&t->a) / t->a.shape[0]) + 1;
  const char *got = lua_istable(L, -1) ? lua_pushfstring(L, "a list of %d",
                                                         (int)lua_rawlen(L, -1))
                                       : mlpi_got(L, -1);
  if (n > 0)
    lua_pushfstring(L, "a list of %d", (int)n);
  else
    lua_pushliteral(L, "a number");
  mlpi_raise(L, MLP_ESHAPE,
             "tensor: expected nested lists of equal lengths, got a ragged "
             "one: row %d has %s where the first has %s",
             (int)row, got, lua_tostring(L, -1));
}

/* The shape that the first elements of the nested table at 'arg' show. */
static int table_shape (lua_State *L, int arg, int64_t *size) {
  int ndim = 0, top = lua_gettop(L);
  lua_pushvalue(L, arg);
  while (lua_istable(L, -1)) {
    if (ndim == MLP_MAXDIM)
      mlpi_raise(L, MLP_ESHAPE, "tensor: expected at most %d dimensions",
                 MLP_MAXDIM);
    size[ndim++] = (int64_t)lua_rawlen(L, -1);
    if (size[ndim - 1] == 0) break;
    lua_rawgeti(L, -1, 1);
  }
  lua_settop(L, top);
  return ndim;
}

/* Fill row-major from the nested table on top of the stack. */
static void fill (lua_State *L, mlp_Tensor *t, int depth, size_t *at) {
  if (depth == t->a.ndim) {
    if (lua_istable(L, -1)) ragged(L, t, *at, 0);
    if (lua_isboolean(L, -1)) {
      lua_pushinteger(L, lua_toboolean(L, -1));
      lua_replace(L, -2);
    }
    if (lua_type(L, -1) != LUA_TNUMBER)
      mlpi_raise(L, MLP_EARG, "tensor: expected a number at element %d, got %s",
                 (int)*at + 1, mlpi_got(L, -1));
    if (t->a.dtype == MLP_INT64 && lua_isinteger(L, -1))
      ((int64_t *)t->a.data)[(*at)++] = lua_tointeger(L, -1);
    else
      mlpi_set(&t->a, (*at)++, lua_tonumber(L, -1));
    return;
  }
  if (!lua_istable(L, -1) || lua_rawlen(L, -1) != t->a.shape[depth])
    ragged(L, t, *at, t->a.shape[depth]);
  for (size_t i = 1; i <= t->a.shape[depth]; i++) {
    lua_rawgeti(L, -1, (lua_Integer)i);
    fill(L, t, depth + 1, at);
    lua_pop(L, 1);
  }
}

mlp_Tensor *mlpi_table_to_tensor (lua_State *L, int arg, mlp_Dtype dtype) {
  int64_t size[MLP_MAXDIM];
  size_t at = 0;
  arg = lua_absindex(L, arg);
  int ndim = table_shape(L, arg, size);
  mlp_Tensor *t = push_new(L, dtype, ndim, size);
  luaL_checkstack(L, MLP_MAXDIM + 4, NULL);
  lua_pushvalue(L, arg);
  fill(L, t, 0, &at);
  lua_pop(L, 1);
  return t;
}

static void require_grad (lua_State *L, int opts, mlp_Tensor *t) {
  if (!mlpi_optboolean(L, opts, "requires_grad", false)) return;
  if (!mlpi_is_real(t->a.dtype))
    mlpi_raise(L, MLP_ETYPE,
               "requires_grad: expected float32 or float64, got %s",
               mlpi_dtype_name(t->a.dtype));
  t->requires_grad = true;
}

/* Is the first element of the nested table at 'arg' true or false? */
static bool of_booleans (lua_State *L, int arg) {
  int top = lua_gettop(L);
  luaL_checkstack(L, MLP_MAXDIM + 4, NULL);
  lua_pushvalue(L, arg);
  for (int d = 0; d < MLP_MAXDIM && lua_istable(L, -1); d++)
    lua_rawgeti(L, -1, 1);
  bool is = lua_isboolean(L, -1);
  lua_settop(L, top);
  return is;
}

/* mlp.tensor(table | number, { dtype =, requires_grad = }); true and false are
** a mask */
static int tensor_from (lua_State *L) {
  mlp_Dtype dtype = mlpi_optdtype(L, 2, "tensor",
                                  of_booleans(L, 1) ? MLP_UINT8 : MLP_FLOAT32);
  if (lua_type(L, 1) != LUA_TNUMBER && !lua_istable(L, 1))
    mlpi_raise(L, MLP_EARG,
               "tensor: argument 1: expected a table of numbers "
               "or a number, got %s",
               mlpi_got(L, 1));
  mlp_Tensor *t = mlpi_table_to_tensor(L, 1, dtype);
  require_grad(L, 2, t);
  return 1;
}

/* zeros, ones, full, rand, randn: (sizes... | list, options) */
static mlp_Tensor *sized (lua_State *L, int arg, const char *who, int *opts) {
  int64_t size[MLP_MAXDIM];
  int n = mlpi_tosizes(L, arg, who, false, size, opts);
  mlp_Dtype dtype = mlpi_optdtype(L, *opts, who, MLP_FLOAT32);
  return push_new(L, dtype, n, size);
}

static int zeros (lua_State *L) {
  int opts;
  mlp_Tensor *t = sized(L, 1, "zeros", &opts);
  mlpi_fill(t, 0);
  require_grad(L, opts, t);
  return 1;
}

static int ones (lua_State *L) {
  int opts;
  mlp_Tensor *t = sized(L, 1, "ones", &opts);
  mlpi_fill(t, 1);
  require_grad(L, opts, t);
  return 1;
}

/* mlp.full(shape, value, options) */
static int full (lua_State *L) {
  int64_t size[MLP_MAXDIM];
  int n = mlpi_tosizes(L, 1, "full", false, size, NULL);
  double v = mlpi_number(L, 2, "full", "value");
  mlp_Tensor *t =
      push_new(L, mlpi_optdtype(L, 3, "full", MLP_FLOAT32), n, size);
  mlpi_fill(t, v);
  require_grad(L, 3, t);
  return 1;
}

/* A fresh stream for each call: by the run's seed and the number of calls. */
static mlpi_Stream user_stream (mlp_Runtime *rt) {
  return mlpi_stream(rt->seed, 0, 0, MLPI_FOR_USER, rt->draws++);
}

static int draw (lua_State *L, const char *who,
                 double (*f)(const mlpi_Stream *, uint64_t)) {
  int opts;
  mlp_Tensor *t = sized(L, 1, who, &opts);
  mlpi_Stream s = user_stream(t->rt);
  size_t n = mlpi_count(&t->a);
  for (size_t i = 0; i < n; i++) {
    if (i % MLPI_LOOK == 0) mlpi_check(L, mlpi_check_cancel(t->rt));
    mlpi_set(&t->a, i, f(&s, i));
  }
  require_grad(L, opts, t);
  return 1;
}

static int rand_ (lua_State *L) { return draw(L, "rand", mlpi_uniform); }
static int randn (lua_State *L) { return draw(L, "randn", mlpi_normal); }

/* mlp.randperm(n): int64, a random order of 1..n */
static int randperm (lua_State *L) {
  mlp_Runtime *rt = mlpi_runtime(L);
  int64_t n = to_size(L, 1, "randperm", 1, false);
  mlp_Tensor *t = push_new(L, MLP_INT64, 1, &n);
  mlpi_Stream s = user_stream(rt);
  _Static_assert(sizeof(size_t) == sizeof(int64_t), "same width");
  mlpi_permutation(&s, (size_t)n, t->a.data);
  for (int64_t i = 0; i < n; i++) ((int64_t *)t->a.data)[i]++;
  return 1;
}

/* mlp.arange(first, last, step, options): last included where it is hit;
** arange(n) is arange(1, n) */
static int arange (lua_State *L) {
  if (lua_type(L, 2) != LUA_TNUMBER && lua_type(L, 1) == LUA_TNUMBER) {
    lua_pushinteger(L, 1);
    lua_insert(L, 1);
  }
  double first = mlpi_number(L, 1, "arange", "first");
  double last = mlpi_number(L, 2, "arange", "last");
  int opts = lua_type(L, 3) == LUA_TNUMBER ? 4 : 3;
  double step = opts == 4 ? lua_tonumber(L, 3) : 1;
  double count = floor((last - first) / step + 1e-9) + 1;
  if (!(step != 0) || !(count < 1e15))
    mlpi_raise(L, MLP_EARG,
               "arange: expected a finite range and a step other "
               "than 0, got %g to %g, step %g",
               first, last, step);
  int64_t n = count < 0 ? 0 : (int64_t)count;
  mlp_Tensor *t =
      push_new(L, mlpi_optdtype(L, opts, "arange", MLP_FLOAT32), 1, &n);
  for (int64_t i = 0; i < n; i++)
    mlpi_set(&t->a, (size_t)i, first + (double)i * step);
  require_grad(L, opts, t);
  return 1;
}

/* mlp.linspace(first, last, n, options): both ends included */
static int linspace (lua_State *L) {
  double first = mlpi_number(L, 1, "linspace", "first");
  double last = mlpi_number(L, 2, "linspace", "last");
  int64_t n = mlpi_integer(L, 3, "linspace", "n");
  if (n < 0)
    mlpi_raise(L, MLP_EARG,
               "linspace: argument 'n': expected at least 0, got %d", (int)n);
  mlp_Tensor *t =
      push_new(L, mlpi_optdtype(L, 4, "linspace", MLP_FLOAT32), 1, &n);
  for (int64_t i = 0; i < n; i++)
    mlpi_set(&t->a, (size_t)i,
             n == 1 ? first
                    : first + (last - first) * (double)i / (double)(n - 1));
  require_grad(L, 4, t);
  return 1;
}

static int eye (lua_State *L) {
  int64_t n = to_size(L, 1, "eye", 1, false), size[] = { n, n };
  mlp_Tensor *t = push_new(L, mlpi_optdtype(L, 2, "eye", MLP_FLOAT32), 2, size);
  mlpi_fill(t, 0);
  for (int64_t i = 0; i < n; i++) mlpi_set(&t->a, (size_t)(i * (n + 1)), 1);
  return 1;
}

/*
** Reading
*/

void mlpi_push_element (lua_State *L, const mlpi_Array *a, size_t i) {
  if (mlpi_is_real(a->dtype))
    lua_pushnumber(L, mlpi_get(a, i));
  else
    lua_pushinteger(L, mlpi_get_integer(a, i));
}

static int item (lua_State *L) {
  mlp_Tensor *t = mlpi_totensor(L, 1);
  char text[MLPI_SHAPE_TEXT];
  mlpi_check_values(L, t, "item");
  if (mlpi_count(&t->a) != 1)
    mlpi_raise(L, MLP_ESHAPE, "item: expected one element, got shape %s",
               mlpi_shape_text(t->a.ndim, t->a.shape, text));
  mlpi_push_element(L, &t->a, 0);
  return 1;
}

static void push_nested (lua_State *L, const mlpi_Array *a, int depth,
                         size_t *at) {
  if (depth == a->ndim) {
    mlpi_push_element(L, a, (*at)++);
    return;
  }
  size_t n = a->shape[depth];
  lua_createtable(L, n < 1 << 20 ? (int)n : 0, 0);
  for (size_t i = 1; i <= n; i++) {
    push_nested(L, a, depth + 1, at);
    lua_rawseti(L, -2, (lua_Integer)i);
  }
}

static int totable (lua_State *L) {
  mlp_Tensor *t = mlpi_totensor(L, 1);
  size_t at = 0;
  mlpi_check_values(L, t, "totable");
  luaL_checkstack(L, MLP_MAXDIM + 4, NULL);
  push_nested(L, &t->a, 0, &at);
  return 1;
}

static int size (lua_State *L) { /* t:size() shape, t:size(dim) */
  mlp_Tensor *t = mlpi_totensor(L, 1);
  if (lua_isnoneornil(L, 2)) {
    mlpi_push_shape(L, &t->a);
    return 1;
  }
  lua_Integer d = mlpi_integer(L, 2, "size", "dim");
  if (d < 0) d += t->a.ndim + 1;
  if (d < 1 || d > t->a.ndim)
    mlpi_raise(L, MLP_EARG, "size: argument 'dim': expected 1..%d, got %d",
               t->a.ndim, (int)lua_tointeger(L, 2));
  lua_pushinteger(L, (lua_Integer)t->a.shape[d - 1]);
  return 1;
}

static int length (lua_State *L) {
  mlp_Tensor *t = mlpi_totensor(L, 1);
  if (t->a.ndim == 0)
    mlpi_raise(L, MLP_ESHAPE, "#: a 0-dimensional tensor has no length");
  lua_pushinteger(L, (lua_Integer)t->a.shape[0]);
  return 1;
}

static int numel (lua_State *L) {
  lua_pushinteger(L, (lua_Integer)mlpi_count(&mlpi_totensor(L, 1)->a));
  return 1;
}

static int is_contiguous (lua_State *L) {
  lua_pushboolean(L, mlpi_contiguous(&mlpi_totensor(L, 1)->a));
  return 1;
}

static int same_values (const mlpi_Array *a, const mlpi_Array *b) {
  size_t n = mlpi_count(a);
  for (size_t i = 0; i < n; i++)
    if (mlpi_get(a, i) != mlpi_get(b, i)) return 0;
  return 1;
}

/* a == b: equal type, shape and values. */
static int equal (lua_State *L) {
  mlp_Tensor *a = mlpi_testbox(L, 1, MLPI_TENSOR);
  mlp_Tensor *b = mlpi_testbox(L, 2, MLPI_TENSOR);
  bool same = a != NULL && b != NULL && a->a.dtype == b->a.dtype &&
              mlpi_same_shape(&a->a, &b->a);
  if (same) {
    mlpi_check_values(L, a, "==");
    mlpi_check_values(L, b, "==");
    same = same_values(&a->a, &b->a);
  }
  lua_pushboolean(L, same);
  return 1;
}

/*
** Gradients
*/

static int backward (lua_State *L) {
  mlpi_check(L, mlpi_backward(mlpi_totensor(L, 1)));
  return 0;
}

static int set_requires_grad (lua_State *L) {
  mlp_Tensor *t = mlpi_totensor(L, 1);
  bool on = lua_isnoneornil(L, 2) || lua_toboolean(L, 2);
  if (on && (!mlpi_is_real(t->a.dtype) || t->symbol))
    mlpi_raise(L, MLP_ETYPE,
               "requires_grad_: expected a float32 or float64 tensor, got %s",
               t->symbol ? "a symbol" : mlpi_dtype_name(t->a.dtype));
  t->requires_grad = on;
  lua_settop(L, 1);
  return 1;
}

static int zero_grad (lua_State *L) {
  mlpi_totensor(L, 1)->grad_set = false;
  return 0;
}

static int detach (lua_State *L) {
  mlp_Tensor *t = mlpi_totensor(L, 1);
  mlpi_check_values(L, t, "detach");
  mlpi_check(L, mlpi_tensor_view(t, &t->a, mlpi_newtensor(L)));
  return 1;
}

static int no_grad_end (lua_State *L, int status, lua_KContext before) {
  mlpi_runtime(L)->grad_disabled = before != 0;
  if (status != LUA_OK && status != LUA_YIELD) return lua_error(L);
  return lua_gettop(L);
}

/* mlp.no_grad(f, ...): f(...) without a tape */
static int no_grad (lua_State *L) {
  mlp_Runtime *rt = mlpi_runtime(L);
  lua_KContext before = rt->grad_disabled;
  if (!lua_isfunction(L, 1))
    mlpi_raise(L, MLP_EARG, "no_grad: expected a function, got %s",
               mlpi_got(L, 1));
  rt->grad_disabled = true;
  int status =
      lua_pcallk(L, lua_gettop(L) - 1, LUA_MULTRET, 0, before, no_grad_end);
  return no_grad_end(L, status, before);
}

static int hash (lua_State *L) {
  char hex[65];
  mlp_Tensor *t = mlpi_totensor(L, 1);
  mlpi_check_values(L, t, "hash");
  mlpi_array_hash(&t->a, 1, hex);
  lua_pushstring(L, hex);
  return 1;
}

static int is_tensor (lua_State *L) {
  lua_pushboolean(L, luaL_testudata(L, 1, MLPI_TENSOR) != NULL);
  return 1;
}

static const luaL_Reg meta[] = { { "__newindex", mlpi_tensor_newindex },
                                 { "__tostring", mlpi_tensor_tostring },
                                 { "__len", length },
                                 { "__eq", equal },
                                 { NULL, NULL } };

static const luaL_Reg methods[] = {
  { "item", item },           { "totable", totable },
  { "tolist", totable },      { "size", size },
  { "numel", numel },         { "is_contiguous", is_contiguous },
  { "backward", backward },   { "requires_grad_", set_requires_grad },
  { "zero_grad", zero_grad }, { "detach", detach },
  { "hash", hash },           { NULL, NULL }
};

static const luaL_Reg functions[] = { { "tensor", tensor_from },
                                      { "zeros", zeros },
                                      { "ones", ones },
                                      { "full", full },
                                      { "rand", rand_ },
                                      { "randn", randn },
                                      { "randperm", randperm },
                                      { "arange", arange },
                                      { "linspace", linspace },
                                      { "eye", eye },
                                      { "no_grad", no_grad },
                                      { "is_tensor", is_tensor },
                                      { NULL, NULL } };

void mlpi_open_tensor (lua_State *L);
void mlpi_open_tensor (lua_State *L) {
  mlpi_newtype(L, MLPI_TENSOR, meta, methods, release);
  luaL_getmetatable(L, MLPI_TENSOR);
  luaL_setfuncs(L, mlpi_tensor_operators, 0);
  lua_getfield(L, -1, "__index");
  mlpi_tensor_op_methods(L);
  mlpi_tensor_change_methods(L);
  mlpi_tensor_count_methods(L);
  lua_pop(L, 2);
  mlpi_index_with(L, MLPI_TENSOR, mlpi_tensor_index);
  luaL_setfuncs(L, functions, 0);
}
