/*
** unary.h - template of an elementwise operator with one input.
** The file that includes it has defined
**   static REAL f (REAL x)   the function
**   static REAL df (REAL v)  its derivative from x, or from y = f(x) where it
**                            has defined DF_OF_OUT
** and, with PARAMS defined, both take a second argument 'const REAL *p': the
** numbers of the attributes. FLAGS, if defined, are further flags. It ends with
*'const mlpi_Op mlp_op_<name> = {
** UNARY("name", "doc"), ... }'.
*/
#include "op/op.h"
#include "tensor/kernel/kernel.h"

#if defined(PARAMS)
#define CALL_F(x)  f((x), p)
#define CALL_DF(x) df((x), p)
#define GET_PARAMS                                                             \
  const double *number = ud;                                                   \
  REAL p[MLPI_NUMBERS];                                                        \
  for (int i = 0; i < MLPI_NUMBERS; i++) p[i] = (REAL)number[i]
#else
#define CALL_F(x)  f(x)
#define CALL_DF(x) df(x)
#define GET_PARAMS (void)ud
#endif

static void forward_row (const void *ud, size_t n, char *const *at,
                         const ptrdiff_t *stride) {
  REAL *y = (REAL *)at[0];
  const REAL *x = (const REAL *)at[1];
  const ptrdiff_t s = stride[1];
  GET_PARAMS;
  if (s == 1) {
    MLPI_IVDEP
    for (size_t i = 0; i < n; i++) y[i] = CALL_F(x[i]);
  } else {
    for (size_t i = 0; i < n; i++) y[i] = CALL_F(x[(ptrdiff_t)i * s]);
  }
}

static void forward (const mlpi_Call *c) {
  const mlpi_Array *arrays[] = { &c->out, &c->in[0] };
  mlpi_walk(c->rt, 2, arrays, forward_row, c->attrs.number);
}

static void backward_row (const void *ud, size_t n, char *const *at,
                          const ptrdiff_t *stride) {
  REAL *gx = (REAL *)at[0];
  const REAL *g = (const REAL *)at[1], *v = (const REAL *)at[2];
  const ptrdiff_t s = stride[2];
  GET_PARAMS;
  if (s == 1) {
    MLPI_IVDEP
    for (size_t i = 0; i < n; i++) gx[i] = g[i] * CALL_DF(v[i]);
  } else {
    for (size_t i = 0; i < n; i++) gx[i] = g[i] * CALL_DF(v[(ptrdiff_t)i * s]);
  }
}

#if defined(DF_OF_OUT)
#define READS     MLPI_OP_NEEDS_OUT
#define READ_FROM (&c->out)
#else
#define READS     MLPI_OP_NEEDS_IN
#define READ_FROM (&c->in[0])
#endif

static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  const mlpi_Array *arrays[] = { &gin[0], g, READ_FROM };
  mlpi_walk(c->rt, 3, arrays, backward_row, c->attrs.number);
}

#if !defined(FLAGS)
#define FLAGS 0
#endif

#define UNARY(NAME, DOC)                                                       \
  .name = NAME, .doc = DOC, .min_in = 1, .max_in = 1,                          \
  .flags = MLPI_OP_INPLACE | READS | FLAGS, .inputs = "x",                     \
  .shape = mlpi_real_as_input, .forward = forward, .backward = backward
