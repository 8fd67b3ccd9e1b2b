/*
** kernels_variant.c - compiled once per variant: its kernels in a table.
*/
#include "kernels_variant.h"
#include "tensor/kernel/vmath.h"

/* clang-format off */
#define UNARY(f)                                                               \
  f(exp) f(expm1) f(log) f(log1p) f(log2) f(log10) f(tanh) f(sigmoid)          \
  f(softplus) f(erf) f(sin) f(cos) f(tan) f(asin) f(acos) f(atan) f(sinh)      \
  f(cosh)
/* clang-format on */

/* Each function in a loop that the compiler vectorises, and by itself. */
#define DEFINE(f, ...)                                                         \
  static void loop_##f(size_t n, const REAL *restrict x,                       \
                       const REAL *restrict y, REAL *restrict out) {           \
    (void)y;                                                                   \
    for (size_t i = 0; i < n; i++) out[i] = v_##f(__VA_ARGS__);                \
  }                                                                            \
  __attribute__((noinline)) static void one_##f##_at(                          \
      size_t i, const REAL *x, const REAL *y, REAL *out) {                     \
    (void)y;                                                                   \
    out[i] = v_##f(__VA_ARGS__);                                               \
  }                                                                            \
  static void one_##f(size_t n, const REAL *x, const REAL *y, REAL *out) {     \
    for (size_t i = 0; i < n; i++) one_##f##_at(i, x, y, out);                 \
  }
#define DEFINE_UNARY(f) DEFINE(f, x[i])
#define ENTRY(f)        { #f, loop_##f, one_##f },

UNARY(DEFINE_UNARY)
DEFINE(pow, x[i], y[i])

static const Function functions[] = { UNARY(ENTRY) ENTRY(pow){ 0 } };

const Kernels MLPI_NAME(kernels) = {
  mlpi_gemm, mlpi_gemm_scratch, mlpi_abreast_multiply, mlpi_sum, mlpi_sum_rows,
  mlpi_dot,  functions,
};
