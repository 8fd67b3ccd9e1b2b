/*
** tensor_make.c - new tensors: from tables, of one number, at equal steps, at
** random.
*/
#include "bind/tensor.h"

#include <math.h>

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
  const bool gap = lua_isnil(L, arg + n) && lua_gettop(L) > arg + n;
  const bool none = n == 0 && !lua_isnoneornil(L, arg);
  if (!list && (gap || none)) /* raises */
    to_size(L, arg + n, who, n + 1, negative);
  if (!list && n > 0 && lua_istable(L, arg + n) && lua_rawlen(L, arg + n) > 0)
    mlpi_raise(L, MLP_EARG,
               "%s: expected sizes as numbers or as one list, got both", who);
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
                                      { NULL, NULL } };

void mlpi_open_tensor_make (lua_State *L);
void mlpi_open_tensor_make (lua_State *L) { luaL_setfuncs(L, functions, 0); }
