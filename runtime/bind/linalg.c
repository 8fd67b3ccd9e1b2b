/*
** linalg.c - decompositions of matrices, by LAPACK, as methods of tensors.
** float32 is computed in float64. No gradients: the ops solve, inverse,
** cholesky, triangular_solve, det and logdet have them.
*/
#include "bind/tensor.h"
#include "tensor/lapack.h"

#include <math.h>

/* The tensor at 'arg', of 'least' to 2 dimensions, as a float64 copy on top. */
static mlp_Tensor *push_matrix (lua_State *L, int arg, const char *who,
                                int least) {
  char text[MLPI_SHAPE_TEXT];
  mlp_Tensor *t = mlpi_totensor(L, arg);
  mlpi_Attrs to = { .dtype = MLP_FLOAT64 };
  mlpi_check_values(L, t, who);
  if (!mlpi_is_real(t->a.dtype))
    mlpi_raise(L, MLP_ETYPE, "%s: expected float32 or float64, got %s", who,
               mlpi_dtype_name(t->a.dtype));
  if (t->a.ndim < least || t->a.ndim > 2)
    mlpi_raise(L, MLP_ESHAPE, "%s: expected a matrix%s, got shape %s", who,
               least == 1 ? " or a vector" : "",
               mlpi_shape_text(t->a.ndim, t->a.shape, text));
  if (mlpi_tracked(t) && !t->rt->grad_disabled)
    mlpi_raise(L, MLP_ESTATE,
               "%s: has no gradient; use t:detach() or mlp.no_grad", who);
  for (size_t i = 0; i < mlpi_count(&t->a); i++)
    if (!isfinite(mlpi_get(&t->a, i)))
      mlpi_raise(L, MLP_ENUMERIC,
                 "%s: expected finite numbers, got %f at element %d", who,
                 mlpi_get(&t->a, i), (int)i + 1);
  mlpi_push_apply(L, t->a.dtype == MLP_FLOAT64 ? "copy" : "cast", &to, 1, &t);
  return mlpi_totensor(L, -1);
}

/* A float64 tensor on top; m sizes, 1 or 2. */
static double *push_result (lua_State *L, int ndim, size_t m, size_t n) {
  size_t shape[2] = { m, n };
  mlp_Tensor **box = mlpi_newtensor(L);
  mlpi_check(L,
             mlpi_tensor_new(mlpi_runtime(L), MLP_FLOAT64, ndim, shape, box));
  mlpi_account(L, (*box)->storage->bytes);
  return (*box)->a.data;
}

/* The n values on top become tensors of the type of argument 1. */
static int results (lua_State *L, int n) {
  mlp_Tensor *t = mlpi_totensor(L, 1);
  mlpi_Attrs to = { .dtype = t->a.dtype };
  int first = lua_gettop(L) - n + 1;
  for (int i = first; i < first + n && to.dtype != MLP_FLOAT64; i++) {
    mlp_Tensor *r = mlpi_totensor(L, i);
    mlpi_push_apply(L, "cast", &to, 1, &r);
    lua_replace(L, i);
  }
  return n;
}

static size_t least (size_t m, size_t n) { return m < n ? m : n; }

static int qr (lua_State *L) { /* q, r = a:qr() */
  mlp_Tensor *a = push_matrix(L, 1, "qr", 2);
  size_t m = a->a.shape[0], n = a->a.shape[1], k = least(m, n);
  double *q = push_result(L, 2, m, k), *r = push_result(L, 2, k, n);
  mlpi_check(L, mlpi_qr(mlpi_runtime(L), m, n, a->a.data, q, r));
  return results(L, 2);
}

static int svd (lua_State *L) { /* u, s, v = a:svd() */
  mlp_Tensor *a = push_matrix(L, 1, "svd", 2);
  size_t m = a->a.shape[0], n = a->a.shape[1], k = least(m, n);
  double *u = push_result(L, 2, m, k), *s = push_result(L, 1, k, 0);
  double *v = push_result(L, 2, k, n);
  mlpi_check(L, mlpi_svd(mlpi_runtime(L), m, n, a->a.data, u, s, v));
  return results(L, 3);
}

static void check_symmetric (lua_State *L, const double *a, size_t n) {
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < i; j++) {
      double x = a[i * n + j], y = a[j * n + i];
      if (fabs(x - y) > 1e-3 * fmax(fabs(x), fabs(y)) + 1e-6)
        mlpi_raise(L, MLP_EARG,
                   "eigh: expected a symmetric matrix, got one whose elements "
                   "(%d, %d) and (%d, %d) differ; use (a + a:t()) / 2",
                   (int)j + 1, (int)i + 1, (int)i + 1, (int)j + 1);
    }
}

static int eigh (lua_State *L) { /* w, v = a:eigh() */
  char text[MLPI_SHAPE_TEXT];
  mlp_Tensor *a = push_matrix(L, 1, "eigh", 2);
  size_t n = a->a.shape[0];
  if (n != a->a.shape[1])
    mlpi_raise(L, MLP_ESHAPE, "eigh: expected a square matrix, got shape %s",
               mlpi_shape_text(2, a->a.shape, text));
  check_symmetric(L, a->a.data, n);
  double *w = push_result(L, 1, n, 0);
  mlpi_check(L, mlpi_eigh(mlpi_runtime(L), n, a->a.data, w));
  lua_pushvalue(L, -2);
  return results(L, 2);
}

static int lstsq (lua_State *L) { /* x, rank = a:lstsq(b, rcond) */
  double rcond = mlpi_number_or(L, 3, "lstsq", "rcond", -1);
  lua_settop(L, 2);
  mlp_Tensor *a = push_matrix(L, 1, "lstsq", 2);
  mlp_Tensor *b = push_matrix(L, 2, "lstsq", 1);
  size_t r = a->a.shape[0], n = a->a.shape[1], rank;
  size_t m = b->a.ndim == 1 ? 1 : b->a.shape[1];
  if (mlpi_totensor(L, 1)->a.dtype != mlpi_totensor(L, 2)->a.dtype)
    mlpi_raise(L, MLP_ETYPE, "lstsq: expected a and b of one type");
  if (b->a.shape[0] != r)
    mlpi_raise(L, MLP_ESHAPE,
               "lstsq: expected as many rows of b as a has, got %d and %d",
               (int)b->a.shape[0], (int)r);
  double *x = push_result(L, b->a.ndim, n, m);
  mlpi_check(L, mlpi_lstsq(mlpi_runtime(L), r, n, m, a->a.data, b->a.data,
                           rcond, x, &rank));
  results(L, 1);
  lua_pushinteger(L, (lua_Integer)rank);
  return 2;
}

/* t:triangular_solve(b, { upper =, transposed = }) */
static int triangular_solve (lua_State *L) {
  mlp_Tensor *in[2] = { mlpi_totensor(L, 1), mlpi_totensor(L, 2) };
  mlpi_checkkeys(L, 3, "triangular_solve", "upper transposed");
  mlpi_Attrs a = { .flag = mlpi_optboolean(L, 3, "upper", false) };
  a.number[0] = mlpi_optboolean(L, 3, "transposed", false);
  mlpi_push_apply(L, "triangular_solve", &a, 2, in);
  return 1;
}

/* l:cholesky_solve(b): x with l l^T x = b */
static int cholesky_solve (lua_State *L) {
  mlpi_Attrs a = { .flag = false };
  lua_settop(L, 2);
  mlp_Tensor *in[2] = { mlpi_totensor(L, 1), mlpi_totensor(L, 2) };
  mlpi_push_apply(L, "triangular_solve", &a, 2, in);
  in[1] = mlpi_totensor(L, -1);
  a.number[0] = 1;
  mlpi_push_apply(L, "triangular_solve", &a, 2, in);
  return 1;
}

const luaL_Reg mlpi_tensor_linalg[] = { { "qr", qr },
                                        { "svd", svd },
                                        { "eigh", eigh },
                                        { "lstsq", lstsq },
                                        { "triangular_solve",
                                          triangular_solve },
                                        { "cholesky_solve", cholesky_solve },
                                        { NULL, NULL } };

void mlpi_open_linalg (lua_State *L);
void mlpi_open_linalg (lua_State *L) { (void)L; }
