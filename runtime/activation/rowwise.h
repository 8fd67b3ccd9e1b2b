/*
** rowwise.h - template of an activation function of whole rows.
** The file that includes it has defined
**   static void forward_row (size_t n, const REAL *x, REAL *y)
**   static void backward_row (size_t n, const REAL *y, const REAL *g, REAL *gx)
** where y may be x, and gx may be g. It ends with 'const mlp_Activation
** mlp_activation_<name> = { ROWWISE("name", "formula"), ... }'.
*/
#include "activation/activation.h"

static void forward (const double *opt, size_t rows, size_t cols, const void *x,
                     void *y) {
  const REAL *from = x;
  REAL *to = y;
  (void)opt;
  for (size_t i = 0; i < rows; i++)
    forward_row(cols, from + i * cols, to + i * cols);
}

static void backward (const double *opt, size_t rows, size_t cols,
                      const void *x, const void *y, const void *g, void *gx) {
  const REAL *out = y, *from = g;
  REAL *to = gx;
  (void)opt, (void)x;
  for (size_t i = 0; i < rows; i++)
    backward_row(cols, out + i * cols, from + i * cols, to + i * cols);
}

#define ROWWISE(NAME, DOC)                                                     \
  .name = NAME, .doc = DOC, .needs = MLPI_OP_NEEDS_OUT, .forward = forward,    \
  .backward = backward
