/*
** elementwise.h - template of an elementwise activation function.
** The file that includes it has defined
**   static REAL f (REAL x)   the function
**   static REAL df (REAL v)  its derivative from x, or from y = f(x) where it
**                            has defined DF_OF_OUT
** and, with PARAMS defined, both take a second argument 'const REAL *p': the
** values of its options. It ends with 'const mlp_Activation
** mlp_activation_<name> = { ELEMENTWISE("name", "formula"), ... }'.
*/
#include "activation/activation.h"

#if defined(PARAMS)
#define CALL_F(x)  f((x), p)
#define CALL_DF(x) df((x), p)
#define GET_PARAMS                                                             \
  REAL p[PARAMS];                                                              \
  for (int i = 0; i < PARAMS; i++) p[i] = (REAL)opt[i]
#else
#define CALL_F(x)  f(x)
#define CALL_DF(x) df(x)
#define GET_PARAMS (void)opt
#endif

#if defined(DF_OF_OUT)
#define READS     MLPI_OP_NEEDS_OUT
#define READ_FROM y
#else
#define READS     MLPI_OP_NEEDS_IN
#define READ_FROM x
#endif

static void forward (const double *opt, size_t rows, size_t cols, const void *x,
                     void *y) {
  const REAL *from = x;
  REAL *to = y;
  GET_PARAMS;
  MLPI_IVDEP
  for (size_t i = 0; i < rows * cols; i++) to[i] = CALL_F(from[i]);
}

static void backward (const double *opt, size_t rows, size_t cols,
                      const void *x, const void *y, const void *g, void *gx) {
  const REAL *v = READ_FROM, *from = g;
  REAL *to = gx;
  GET_PARAMS;
  (void)x, (void)y; /* one of them is v */
  MLPI_IVDEP
  for (size_t i = 0; i < rows * cols; i++) to[i] = from[i] * CALL_DF(v[i]);
}

#define ELEMENTWISE(NAME, DOC)                                                 \
  .name = NAME, .doc = DOC, .needs = READS, .elementwise = true,               \
  .forward = forward, .backward = backward
