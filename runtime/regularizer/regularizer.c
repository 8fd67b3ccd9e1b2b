/*
** regularizer.c - what the files of this folder share.
*/
#include "regularizer/regularizer.h"

mlp_Status mlpi_scaled_sum (mlp_Tensor *w, const char *op, double factor,
                            mlp_Tensor **out) {
  mlp_Tensor *f = NULL, *each = NULL, *sum = NULL;
  *out = NULL;
  mlp_Status s = mlpi_scalar(w->rt, w->a.dtype, factor, &f);
  if (s == MLP_OK) s = mlpi_apply1(op, NULL, w, &each);
  if (s == MLP_OK) s = mlpi_apply1("sum", NULL, each, &sum);
  if (s == MLP_OK) s = mlpi_apply2("mul", NULL, sum, f, out);
  mlpi_tensor_release(f);
  mlpi_tensor_release(each);
  mlpi_tensor_release(sum);
  return s;
}
