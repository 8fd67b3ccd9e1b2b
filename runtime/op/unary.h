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

enum { CHUNK = 256 }; /* elements that are gathered where x has gaps */

/* Not inlined, so that f has one caller, is inlined there, and vectorised. */
#define ONE_LOOP static __attribute__((noinline)) void

ONE_LOOP forward_run (const void *ud, size_t n, const REAL *x, REAL *y) {
  GET_PARAMS;
  MLPI_IVDEP
  for (size_t i = 0; i < n; i++) y[i] = CALL_F(x[i]);
}

static void forward_row (const void *ud, size_t n, char *const *at,
                         const ptrdiff_t *stride) {
  REAL *y = (REAL *)at[0], x[CHUNK];
  const REAL *from = (const REAL *)at[1];
  const ptrdiff_t s = stride[1];
  if (s == 1) {
    forward_run(ud, n, from, y);
    return;
  }
  for (size_t i = 0; i < n; i += CHUNK) {
    size_t m = n - i < CHUNK ? n - i : CHUNK;
    for (size_t k = 0; k < m; k++) x[k] = from[(ptrdiff_t)(i + k) * s];
    forward_run(ud, m, x, y + i);
  }
}

static void forward (const mlpi_Call *c) {
  const mlpi_Array *arrays[] = { &c->out, &c->in[0] };
  mlpi_walk(c->rt, 2, arrays, forward_row, c->attrs.number);
}

ONE_LOOP backward_run (const void *ud, size_t n, const REAL *v, const REAL *g,
                       REAL *gx) {
  GET_PARAMS;
  MLPI_IVDEP
  for (size_t i = 0; i < n; i++) gx[i] = g[i] * CALL_DF(v[i]);
}

static void backward_row (const void *ud, size_t n, char *const *at,
                          const ptrdiff_t *stride) {
  REAL *gx = (REAL *)at[0], v[CHUNK];
  const REAL *g = (const REAL *)at[1], *from = (const REAL *)at[2];
  const ptrdiff_t s = stride[2];
  if (s == 1) {
    backward_run(ud, n, from, g, gx);
    return;
  }
  for (size_t i = 0; i < n; i += CHUNK) {
    size_t m = n - i < CHUNK ? n - i : CHUNK;
    for (size_t k = 0; k < m; k++) v[k] = from[(ptrdiff_t)(i + k) * s];
    backward_run(ud, m, v, g + i, gx + i);
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
  .flags = MLPI_OP_ABREAST | MLPI_OP_INPLACE | READS | FLAGS, .inputs = "x",   \
  .shape = mlpi_real_as_input, .forward = forward, .backward = backward
