/*
** tensor_whole.c - arithmetic of whole numbers: labels, counts, masks. The
** operators know floats alone, so it goes through float64, which is exact up
** to 2^53; what is beyond raises. The result is int64, of a mean float32.
*/
#include "bind/tensor.h"

#include <math.h>
#include <string.h>

static const double EXACT = 0x1p53;

bool mlpi_is_whole (const char *op, int n_in, mlp_Tensor *const *in) {
  static const char *const ops[] = { "add", "sub", "mul", "sum",
                                     "max", "min", "mean" };
  bool known = false;
  for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
    known = known || strcmp(ops[i], op) == 0;
  for (int i = 0; i < n_in; i++)
    if (mlpi_is_real(in[i]->a.dtype) || in[i]->symbol) return false;
  return known;
}

static void check_exact (lua_State *L, const char *op, const mlpi_Array *a,
                         double times) {
  size_t n = mlpi_count(a);
  for (size_t i = 0; i < n; i++)
    if (fabs(mlpi_get(a, i)) * times > EXACT)
      mlpi_raise(L, MLP_ETYPE,
                 "%s: expected whole numbers to 2^53, got larger ones; use "
                 ":double()",
                 op);
}

int mlpi_push_whole (lua_State *L, const char *op, const mlpi_Attrs *attrs,
                     int n_in, mlp_Tensor *const *in) {
  bool mean = strcmp(op, "mean") == 0, sum = mean || strcmp(op, "sum") == 0;
  mlp_Tensor *real[2] = { NULL, NULL };
  mlpi_Attrs to = { .dtype = MLP_FLOAT64 };
  for (int i = 0; i < n_in; i++) {
    mlp_Tensor *t = in[i];
    check_exact(L, op, &t->a, sum ? (double)mlpi_count(&t->a) : 1);
    mlpi_push_apply(L, "cast", &to, 1, &t);
    real[i] = mlpi_totensor(L, -1);
  }
  mlpi_push_apply(L, op, attrs, n_in, real);
  mlp_Tensor *result = mlpi_totensor(L, -1);
  if (!mean) check_exact(L, op, &result->a, 1);
  to.dtype = mean ? MLP_FLOAT32 : MLP_INT64;
  mlpi_push_apply(L, "cast", &to, 1, &result);
  return 1;
}
