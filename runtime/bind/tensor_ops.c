/*
** tensor_ops.c - operators of the op table as methods and metamethods.
** A method's upvalues name its op; what it takes besides tensors is one of a
** few forms.
*/
#include "bind/tensor.h"

#include <math.h>
#include <string.h>

/* Memory that came with a result: none where it is a view. */
static size_t bytes_of (const mlp_Tensor *out, int n_in,
                        mlp_Tensor *const *in) {
  for (int i = 0; i < n_in; i++)
    if (in[i]->storage == out->storage) return sizeof *out;
  return sizeof *out + (out->storage != NULL ? out->storage->bytes : 0);
}

void mlpi_push_apply (lua_State *L, const char *op, const mlpi_Attrs *attrs,
                      int n_in, mlp_Tensor *const *in) {
  mlp_Runtime *rt = mlpi_runtime(L);
  mlp_Tensor **out = mlpi_newtensor(L);
  mlp_Status s = mlpi_apply(rt, op, attrs, n_in, in, out);
  if (s == MLP_ENOMEM || s == MLP_ELIMITMEM) {
    lua_gc(L, LUA_GCCOLLECT);
    s = mlpi_apply(rt, op, attrs, n_in, in, out);
  }
  mlpi_check(L, s);
  mlpi_account(L, bytes_of(*out, n_in, in));
}

mlp_Tensor *mlpi_tooperand (lua_State *L, int arg, const mlp_Tensor *like) {
  if (lua_type(L, arg) != LUA_TNUMBER) return mlpi_totensor(L, arg);
  double v = lua_tonumber(L, arg);
  mlp_Dtype dtype = like->a.dtype;
  mlpi_check(L, mlpi_scalar(mlpi_runtime(L), dtype, v, mlpi_newtensor(L)));
  lua_replace(L, arg);
  return mlpi_totensor(L, arg);
}

static const char *op_name (lua_State *L) {
  return lua_tostring(L, lua_upvalueindex(1));
}

/* The result of an op: a new tensor, or where 'out' is set the one there. */
static int finish (lua_State *L, int out, const char *op,
                   const mlpi_Attrs *attrs, int n_in, mlp_Tensor *const *in) {
  if (out == 0) {
    mlpi_push_apply(L, op, attrs, n_in, in);
    return 1;
  }
  mlp_Tensor *to = mlpi_totensor(L, out);
  mlpi_check(L, mlpi_apply_into(mlpi_runtime(L), op, attrs, n_in, in, to));
  lua_pushvalue(L, out);
  return 1;
}

/* t:exp() */
static int unary (lua_State *L) {
  int out = mlpi_out_option(L, 1, op_name(L));
  mlp_Tensor *t = mlpi_totensor(L, 1);
  return finish(L, out, op_name(L), NULL, 1, &t);
}

/* A tensor, or a number without a fraction. */
static bool is_whole (lua_State *L, int arg) {
  int ok = 1;
  if (lua_type(L, arg) == LUA_TNUMBER) lua_tointegerx(L, arg, &ok);
  return ok != 0;
}

/* t:add(u), where one of the two may be a number */
static int apply_binary (lua_State *L, const char *op) {
  mlp_Tensor *in[2];
  int out = mlpi_out_option(L, 2, op);
  bool whole = out == 0 && is_whole(L, 1) && is_whole(L, 2);
  if (lua_type(L, 1) == LUA_TNUMBER) {
    in[1] = mlpi_totensor(L, 2);
    in[0] = mlpi_tooperand(L, 1, in[1]);
  } else {
    in[0] = mlpi_totensor(L, 1);
    in[1] = mlpi_tooperand(L, 2, in[0]);
  }
  if (whole && mlpi_is_whole(op, 2, in))
    return mlpi_push_whole(L, op, NULL, 2, in);
  return finish(L, out, op, NULL, 2, in);
}

static int binary (lua_State *L) { return apply_binary(L, op_name(L)); }

/* A dimension as the engine counts: 1-based to 0-based, negative as it is. */
static int64_t to_axis (lua_State *L, int arg, const char *who) {
  int ok = 0;
  lua_Integer d = 0;
  if (lua_type(L, arg) == LUA_TNUMBER) d = lua_tointegerx(L, arg, &ok);
  if (!ok || d == 0)
    mlpi_raise(L, MLP_EARG,
               "%s: argument 'dim': expected a dimension (1 is the first, -1 "
               "the last), got %s",
               who, mlpi_got(L, arg));
  return d > 0 ? d - 1 : d;
}

static void to_axes (lua_State *L, int arg, const char *who, mlpi_Attrs *a) {
  if (lua_isnoneornil(L, arg)) return;
  if (!lua_istable(L, arg)) {
    a->axis[a->n_axis++] = to_axis(L, arg, who);
    return;
  }
  for (lua_pushnil(L); lua_next(L, arg) != 0; lua_pop(L, 1))
    if (lua_type(L, -2) == LUA_TSTRING)
      mlpi_raise(L, MLP_EARG,
                 "%s: argument 'dims': expected a dimension or a list of them, "
                 "got a table with '%s'; write t:%s(1), or t:%s({ 1, 2 }, "
                 "true) to keep the dimensions",
                 who, lua_tostring(L, -2), who, who);
  lua_Unsigned n = lua_rawlen(L, arg);
  for (lua_Unsigned i = 1; i <= n && i <= MLP_MAXDIM; i++) {
    lua_rawgeti(L, arg, (lua_Integer)i);
    a->axis[a->n_axis++] = to_axis(L, -1, who);
    lua_pop(L, 1);
  }
}

/* t:sum(dims, keepdims); t:var(dims, keepdims, correction) */
static int reduction (lua_State *L) {
  mlpi_Attrs a = { .n_axis = 0 };
  int out = mlpi_out_option(L, 4, op_name(L));
  mlp_Tensor *t = mlpi_totensor(L, 1);
  to_axes(L, 2, op_name(L), &a);
  a.flag = lua_toboolean(L, 3);
  if (!lua_isnoneornil(L, 4))
    a.number[0] = mlpi_number(L, 4, op_name(L), "correction");
  if (out == 0 && mlpi_is_whole(op_name(L), 1, &t))
    return mlpi_push_whole(L, op_name(L), &a, 1, &t);
  return finish(L, out, op_name(L), &a, 1, &t);
}

/* t:reshape(sizes...), t:expand(sizes...) */
static int sizes (lua_State *L) {
  mlpi_Attrs a = { .n_axis = 0 };
  mlp_Tensor *t = mlpi_totensor(L, 1);
  a.n_axis = mlpi_tosizes(L, 2, op_name(L), true, a.axis, NULL);
  mlpi_push_apply(L, op_name(L), &a, 1, &t);
  return 1;
}

/* t:transpose(a, b), t:permute(a, b, c): dimensions as arguments; a matrix is
** transposed without them, too */
static int dims (lua_State *L) {
  mlpi_Attrs a = { .n_axis = 0 };
  mlp_Tensor *t = mlpi_totensor(L, 1);
  bool swap = strcmp(op_name(L), "transpose") == 0;
  if (swap && lua_isnoneornil(L, 3) && !lua_istable(L, 2)) {
    if (t->a.ndim != 2 || !lua_isnoneornil(L, 2))
      mlpi_raise(L, MLP_EARG,
                 "transpose: expected the two dimensions that change places, "
                 "t:transpose(1, 2), got %s",
                 mlpi_got(L, 2));
    lua_settop(L, 1);
    lua_pushinteger(L, 1);
    lua_pushinteger(L, 2);
  }
  if (lua_istable(L, 2)) to_axes(L, 2, op_name(L), &a);
  for (int i = 2;
       i <= lua_gettop(L) && i < 2 + MLP_MAXDIM && !lua_istable(L, 2); i++)
    a.axis[a.n_axis++] = to_axis(L, i, op_name(L));
  mlpi_push_apply(L, op_name(L), &a, 1, &t);
  return 1;
}

static int transposed (lua_State *L) { /* t:t() */
  mlpi_Attrs a = { .n_axis = 2, .axis = { 0, 1 } };
  mlp_Tensor *t = mlpi_totensor(L, 1);
  if (t->a.ndim != 2)
    mlpi_raise(L, MLP_ESHAPE,
               "t: expected 2 dimensions, got %d; use "
               ":transpose(a, b)",
               t->a.ndim);
  mlpi_push_apply(L, "transpose", &a, 1, &t);
  return 1;
}

/* t:cumsum(dim), t:sort(dim)...: one dimension, the last if none is given */
static int one_dim (lua_State *L) {
  mlpi_Attrs a = { .n_axis = 1, .axis = { -1 } };
  int out = mlpi_out_option(L, 3, op_name(L));
  mlp_Tensor *t = mlpi_totensor(L, 1);
  if (t->a.dtype == MLP_INT64 && strncmp(op_name(L), "arg", 3) == 0)
    mlpi_raise(L, MLP_ETYPE,
               "%s: expected scores or probabilities (floats), "
               "got int64; of predicted classes use predict_proba instead",
               op_name(L));
  if (!lua_isnoneornil(L, 2)) a.axis[0] = to_axis(L, 2, op_name(L));
  a.flag = lua_toboolean(L, 3);
  return finish(L, out, op_name(L), &a, 1, &t);
}

/* t:to("float64"), t:double(): upvalue 2 names the type, if there is one */
static int cast (lua_State *L) {
  mlp_Tensor *t = mlpi_totensor(L, 1);
  int arg = lua_isnil(L, lua_upvalueindex(2)) ? 2 : lua_upvalueindex(2);
  mlpi_Attrs a = { .dtype = mlpi_todtype(L, arg, "to") };
  if (a.dtype == t->a.dtype)
    lua_settop(L, 1);
  else
    mlpi_push_apply(L, "cast", &a, 1, &t);
  return 1;
}

mlpi_Attrs mlpi_to_bounds (lua_State *L, const char *who) {
  mlpi_Attrs a = { .number = { -HUGE_VAL, HUGE_VAL } };
  if (!lua_isnoneornil(L, 2)) a.number[0] = mlpi_number(L, 2, who, "low");
  if (!lua_isnoneornil(L, 3)) a.number[1] = mlpi_number(L, 3, who, "high");
  if (!(a.number[0] <= a.number[1]))
    mlpi_raise(L, MLP_EARG, "%s: expected low <= high, got %g and %g", who,
               a.number[0], a.number[1]);
  return a;
}

static int clamp (lua_State *L) {
  int out = mlpi_out_option(L, 3, "clamp");
  mlp_Tensor *t = mlpi_totensor(L, 1);
  const mlpi_Attrs a = mlpi_to_bounds(L, "clamp");
  return finish(L, out, "clamp", &a, 1, &t);
}

/* y:one_hot(K, dtype) */
static int one_hot (lua_State *L) {
  mlp_Tensor *t = mlpi_totensor(L, 1);
  mlpi_Attrs a = { .n_axis = 1,
                   .axis = { mlpi_integer(L, 2, "one_hot", "K") } };
  a.dtype = lua_isnoneornil(L, 3) ? MLP_FLOAT32 : mlpi_todtype(L, 3, "one_hot");
  mlpi_push_apply(L, "one_hot", &a, 1, &t);
  return 1;
}

/* The indices at 'arg', a tensor; a list becomes one. */
static mlp_Tensor *to_indices (lua_State *L, int arg) {
  if (lua_istable(L, arg)) {
    mlpi_table_to_tensor(L, arg, MLP_INT64);
    lua_replace(L, arg);
  }
  return mlpi_totensor(L, arg);
}

/* t:gather_rows(indices, dim) and their like: two tensors and a dimension */
static int indexed (lua_State *L) {
  mlpi_Attrs a = { .n_axis = 1, .axis = { 0 } };
  int out = mlpi_out_option(L, 3, op_name(L));
  mlp_Tensor *in[2] = { mlpi_totensor(L, 1), to_indices(L, 2) };
  if (!lua_isnoneornil(L, 3)) a.axis[0] = to_axis(L, 3, op_name(L));
  return finish(L, out, op_name(L), &a, 2, in);
}

/* t:index_select(dim, index), t:gather(dim, index): PyTorch's order */
static int picked (lua_State *L) {
  const char *name =
      strcmp(op_name(L), "take_along") == 0 ? "gather" : "index_select";
  mlpi_Attrs a = { .n_axis = 1 };
  int out = mlpi_out_option(L, 4, name);
  if (lua_type(L, 2) != LUA_TNUMBER)
    mlpi_raise(L, MLP_EARG,
               "%s: argument 'dim': expected a number, got %s; the order is "
               "t:%s(dim, index), as in PyTorch; t:%s(index, dim) takes the "
               "index first",
               name, mlpi_got(L, 2), name, op_name(L));
  mlp_Tensor *in[2] = { mlpi_totensor(L, 1), to_indices(L, 3) };
  a.axis[0] = to_axis(L, 2, name);
  return finish(L, out, op_name(L), &a, 2, in);
}

/* t:scatter(dim, index, src), where src may be a number */
static int scattered (lua_State *L) {
  mlpi_Attrs a = { .n_axis = 1 };
  int out = mlpi_out_option(L, 4, op_name(L));
  mlp_Tensor *in[3] = { mlpi_totensor(L, 1), mlpi_totensor(L, 3), NULL };
  a.axis[0] = to_axis(L, 2, op_name(L));
  if (lua_type(L, 4) == LUA_TNUMBER) {
    mlpi_Attrs like = { .n_axis = in[1]->a.ndim };
    mlp_Tensor *number = mlpi_tooperand(L, 4, in[0]);
    for (int d = 0; d < like.n_axis; d++)
      like.axis[d] = (int64_t)in[1]->a.shape[d];
    mlpi_push_apply(L, "expand", &like, 1, &number);
    lua_replace(L, 4);
  }
  in[2] = mlpi_totensor(L, 4);
  return finish(L, out, op_name(L), &a, 3, in);
}

/* t:unfold(dim, size, step) */
static int unfold (lua_State *L) {
  mlp_Tensor *t = mlpi_totensor(L, 1);
  mlpi_Attrs a = { .n_axis = 3, .axis = { to_axis(L, 2, "unfold") } };
  a.axis[1] = mlpi_integer(L, 3, "unfold", "size");
  a.axis[2] = mlpi_integer_or(L, 4, "unfold", "step", 1);
  mlpi_push_apply(L, "unfold", &a, 1, &t);
  return 1;
}

/* mask:where(a, b) */
static int where (lua_State *L) {
  int out = mlpi_out_option(L, 3, "where");
  mlp_Tensor *in[3] = { mlpi_totensor(L, 1), NULL, NULL };
  int known = lua_type(L, 2) == LUA_TNUMBER ? 3 : 2;
  in[known - 1] = mlpi_totensor(L, known);
  in[4 - known] = mlpi_tooperand(L, 5 - known, in[known - 1]);
  return finish(L, out, "where", NULL, 3, in);
}

/* t:slice(first, last, dim, step): 1-based, last included, -1 the last */
static int slice (lua_State *L) {
  mlp_Tensor *t = mlpi_totensor(L, 1);
  mlpi_Attrs a = { .n_axis = 0 };
  int64_t d = lua_isnoneornil(L, 4) ? 0 : to_axis(L, 4, "slice");
  if (d < 0) d += t->a.ndim;
  if (d < 0 || d >= t->a.ndim)
    mlpi_raise(L, MLP_EARG, "slice: argument 'dim': expected 1..%d, got %s",
               t->a.ndim, mlpi_got(L, 4));
  for (int64_t i = 0; i <= d; i++) {
    a.axis[3 * i + 1] = (int64_t)t->a.shape[i];
    a.axis[3 * i + 2] = 1;
  }
  int64_t n = (int64_t)t->a.shape[d];
  lua_Integer first = mlpi_integer(L, 2, "slice", "first");
  lua_Integer last = mlpi_integer_or(L, 3, "slice", "last", -1);
  a.axis[3 * d] = (first < 0 ? first + n + 1 : first) - 1;
  a.axis[3 * d + 1] = last < 0 ? last + n + 1 : last;
  a.axis[3 * d + 2] = mlpi_integer_or(L, 5, "slice", "step", 1);
  a.n_axis = (int)(3 * (d + 1));
  mlpi_push_apply(L, "slice", &a, 1, &t);
  return 1;
}

/* t:select(dim, index) */
static int select_ (lua_State *L) {
  mlp_Tensor *t = mlpi_totensor(L, 1);
  lua_Integer i = mlpi_integer(L, 3, "select", "index");
  mlpi_Attrs a = { .n_axis = 2,
                   .axis = { to_axis(L, 2, "select"), i > 0 ? i - 1 : i } };
  if (i == 0)
    mlpi_raise(L, MLP_EARG, "select: index 0 is out of range; the first is 1");
  mlpi_push_apply(L, "select", &a, 1, &t);
  return 1;
}

/* Drop dimensions of size 1 (all, or one), or insert one. */
static int squeeze (lua_State *L) {
  mlp_Tensor *t = mlpi_totensor(L, 1);
  mlpi_Attrs a = { .n_axis = 0 };
  int64_t d = lua_isnoneornil(L, 2) ? -99 : to_axis(L, 2, "squeeze");
  if (d < 0 && d != -99) d += t->a.ndim;
  for (int i = 0; i < t->a.ndim; i++)
    if (t->a.shape[i] != 1 || (d != -99 && d != i))
      a.axis[a.n_axis++] = (int64_t)t->a.shape[i];
  mlpi_push_apply(L, "reshape", &a, 1, &t);
  return 1;
}

static int unsqueeze (lua_State *L) {
  mlp_Tensor *t = mlpi_totensor(L, 1);
  mlpi_Attrs a = { .n_axis = 0 };
  int64_t d = to_axis(L, 2, "unsqueeze");
  if (d < 0) d += t->a.ndim + 1;
  if (d < 0 || d > t->a.ndim || t->a.ndim == MLP_MAXDIM)
    mlpi_raise(L, MLP_EARG, "unsqueeze: argument 'dim': expected 1..%d, got %s",
               t->a.ndim + 1, mlpi_got(L, 2));
  for (int i = 0; i <= t->a.ndim; i++) {
    if (i == d) a.axis[a.n_axis++] = 1;
    if (i < t->a.ndim) a.axis[a.n_axis++] = (int64_t)t->a.shape[i];
  }
  mlpi_push_apply(L, "reshape", &a, 1, &t);
  return 1;
}

/* mlp.concat({ a, b, ... }, dim), mlp.stack */
static int joined (lua_State *L) {
  mlp_Tensor *in[MLPI_INPUTS];
  mlpi_Attrs a = { .n_axis = 1, .axis = { 0 } };
  mlpi_table(L, 1, op_name(L), "a list of tensors, { a, b }");
  lua_Unsigned n = lua_rawlen(L, 1);
  if (n < 1 || n > MLPI_INPUTS)
    mlpi_raise(L, MLP_EARG, "%s: expected 1 to %d tensors, got %d", op_name(L),
               MLPI_INPUTS, (int)n);
  if (!lua_isnoneornil(L, 2)) a.axis[0] = to_axis(L, 2, op_name(L));
  luaL_checkstack(L, (int)n + 4, NULL);
  lua_settop(L, 1);
  for (lua_Unsigned i = 0; i < n; i++) {
    lua_rawgeti(L, 1, (lua_Integer)i + 1);
    in[i] = mlpi_totensor(L, -1);
  }
  mlpi_push_apply(L, op_name(L), &a, (int)n, in);
  return 1;
}

typedef struct Form {
  lua_CFunction f;
  const char *names; /* "method" or "method=op", space-separated */
} Form;

static const Form forms[] = {
  { unary, MLPI_MATHS },
  { unary, "softmax log_softmax clone=copy contiguous=copy logical_not "
           "cholesky inverse inv=inverse det logdet" },
  { binary, MLPI_ARITHMETIC },
  { binary, "eq ne lt le gt ge matmul dot mm=matmul mv=matmul bmm=matmul "
            "logical_and logical_or solve masked_select softmax_cross_entropy "
            "softmax_cross_entropy_dense sigmoid_cross_entropy" },
  { reduction, "sum mean prod max min var std norm logsumexp any all" },
  { sizes, "reshape view=reshape expand" },
  { dims, "transpose permute" },
  { one_dim, "cumsum cumprod sort argsort argmax argmin argmode" },
  { indexed, "gather_rows take_along" },
  { picked, "index_select=gather_rows gather=take_along" },
  { scattered, "scatter scatter_add" },
};

static const luaL_Reg plain[] = {
  { "t", transposed },    { "clamp", clamp },         { "one_hot", one_hot },
  { "where", where },     { "slice", slice },         { "select", select_ },
  { "squeeze", squeeze }, { "unsqueeze", unsqueeze }, { "unfold", unfold },
  { NULL, NULL }
};

static void add_cast (lua_State *L, const char *method, const char *dtype) {
  lua_pushliteral(L, "cast");
  lua_pushstring(L, dtype);
  lua_pushcclosure(L, cast, 2);
  lua_setfield(L, -2, method);
}

/* One method of a form, where the op exists. */
static void add_method (lua_State *L, lua_CFunction f, const char *word,
                        size_t n) {
  const char *eq = memchr(word, '=', n);
  size_t m = eq == NULL ? n : (size_t)(eq - word);
  lua_pushlstring(L, word, m);
  lua_pushlstring(L, eq == NULL ? word : eq + 1, eq == NULL ? n : n - m - 1);
  if (mlpi_find_kind("op", lua_tostring(L, -1)) == NULL) {
    lua_pop(L, 2);
    return;
  }
  lua_pushcclosure(L, f, 1);
  lua_rawset(L, -3);
}

void mlpi_tensor_op_methods (lua_State *L) {
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
    for (const char *p = forms[i].names; *p != '\0';) {
      size_t n = strcspn(p, " ");
      add_method(L, forms[i].f, p, n);
      p += n + strspn(p + n, " ");
    }
  luaL_setfuncs(L, plain, 0);
  luaL_setfuncs(L, mlpi_tensor_linalg, 0);
  add_cast(L, "to", NULL);
  add_cast(L, "float", "float32");
  add_cast(L, "double", "float64");
  add_cast(L, "long", "int64");
  add_cast(L, "byte", "uint8");
}

static int op_add (lua_State *L) { return apply_binary(L, "add"); }
static int op_sub (lua_State *L) { return apply_binary(L, "sub"); }
static int op_mul (lua_State *L) { return apply_binary(L, "mul"); }
static int op_div (lua_State *L) { return apply_binary(L, "div"); }

static int op_unm (lua_State *L) {
  mlp_Tensor *t = mlpi_totensor(L, 1);
  mlpi_push_apply(L, "neg", NULL, 1, &t);
  return 1;
}

/* t ^ 2 is a square: one multiplication, as mse's. */
static int op_pow (lua_State *L) {
  if (lua_type(L, 2) != LUA_TNUMBER || lua_tonumber(L, 2) != 2)
    return apply_binary(L, "pow");
  mlp_Tensor *t = mlpi_totensor(L, 1);
  mlpi_push_apply(L, "square", NULL, 1, &t);
  return 1;
}

static int op_mod (lua_State *L) { return apply_binary(L, "remainder"); }

static int op_idiv (lua_State *L) { /* a // b */
  apply_binary(L, "div");
  mlp_Tensor *t = mlpi_totensor(L, -1);
  mlpi_push_apply(L, "floor", NULL, 1, &t);
  return 1;
}

/* Lua makes one boolean of the result of a < b. */
static int op_order (lua_State *L) {
  return mlpi_raise(L, MLP_EARG,
                    "tensor: < and <= give one boolean in Lua; elements are "
                    "compared by a:lt(b), a:le(b), a:gt(b), a:ge(b)");
}

static int op_concat (lua_State *L) { /* "loss " .. t */
  luaL_tolstring(L, 1, NULL);
  luaL_tolstring(L, 2, NULL);
  lua_concat(L, 2);
  return 1;
}

const luaL_Reg mlpi_tensor_operators[] = {
  { "__add", op_add },  { "__sub", op_sub },       { "__mul", op_mul },
  { "__div", op_div },  { "__unm", op_unm },       { "__pow", op_pow },
  { "__mod", op_mod },  { "__idiv", op_idiv },     { "__lt", op_order },
  { "__le", op_order }, { "__concat", op_concat }, { NULL, NULL }
};

void mlpi_open_tensor_ops (lua_State *L);
void mlpi_open_tensor_ops (lua_State *L) {
  lua_pushliteral(L, "concat");
  lua_pushcclosure(L, joined, 1);
  lua_setfield(L, -2, "concat");
}
