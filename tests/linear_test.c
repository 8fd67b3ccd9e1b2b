/*
** linear_test.c - linear algebra on plain arrays, as C code above level 3
** calls it; LAPACK leaves OpenBLAS's number of threads as it was.
*/
#include "graph/linear.h"
#include "tensor/lapack.h"

#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static int passed, failed;

static void check (bool ok, const char *what) {
  if (ok)
    passed++;
  else
    failed++, printf("FAIL %s\n", what);
}

static bool near (size_t n, const double *a, const double *b) {
  for (size_t i = 0; i < n; i++)
    if (!(fabs(a[i] - b[i]) < 1e-12)) return false;
  return true;
}

/* Wikipedia, "Cholesky decomposition". */
static void positive_definite (mlp_Runtime *rt) {
  double a[9] = { 4, 12, -16, 12, 37, -43, -16, -43, 98 };
  const double l[9] = { 2, 0, 0, 6, 1, 0, -8, 5, 3 };
  double b[3] = { 1 * 4 + 2 * 12 - 3 * 16, 12 + 74 - 129, -16 - 86 + 294 };
  const double x[3] = { 1, 2, 3 };
  double c[3];
  check(mlpi_linear_solve(rt, 3, 1, a, b, c) == MLP_OK, "solve");
  check(near(3, c, x), "solve: values");
  check(mlpi_linear_cholesky(rt, 3, a, a) == MLP_OK, "cholesky in place");
  check(near(9, a, l), "cholesky: values");
  check(mlpi_linear_cholesky_solve(rt, 3, 1, a, b, b) == MLP_OK, "potrs");
  check(near(3, b, x), "cholesky_solve: values");
}

static void refusals (mlp_Runtime *rt) {
  const double a[4] = { 1, 2, 2, 1 }, s[4] = { 1, 2, 2, 4 };
  double x[4] = { 7, 7, 7, 7 };
  check(mlpi_linear_cholesky(rt, 2, a, x) == MLP_ENUMERIC, "indefinite");
  check(strstr(mlp_last_error(rt), "order 2") != NULL, "names the order");
  check(mlpi_linear_solve(rt, 2, 1, s, a, x) == MLP_ENUMERIC, "singular");
  check(x[0] == 7 && x[3] == 7, "the result is as it was");
}

static void threads (mlp_Runtime *rt) {
  void *blas = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
  int (*get)(void) = NULL;
  void (*set)(int) = NULL;
  double a[4] = { 2, 1, 1, 2 }, w[2];
  if (blas == NULL) {
    printf("pending: no libopenblas.so.0 on this machine\n");
    check(mlpi_eigh(rt, 2, a, w) == MLP_ESTATE, "no library");
    return;
  }
  *(void **)&get = dlsym(blas, "openblas_get_num_threads");
  *(void **)&set = dlsym(blas, "openblas_set_num_threads");
  set(2);
  check(mlpi_eigh(rt, 2, a, w) == MLP_OK, "eigh");
  check(near(2, w, (double[]){ 1, 3 }), "eigh: values");
  check(get() == 2, "the host's number of threads is put back");
  dlclose(blas);
}

int main (void) {
  mlp_Runtime *rt;
  if (mlp_create(NULL, &rt) != MLP_OK) return 1;
  positive_definite(rt);
  refusals(rt);
  threads(rt);
  mlp_destroy(rt);
  printf("linear: %d passed, %d failed\n", passed, failed);
  return failed != 0;
}
