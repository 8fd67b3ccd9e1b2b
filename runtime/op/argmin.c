/*
** argmin.c - where the smallest element is, counted from 1; the first of
** equals.
*/
#define BETTER(a, b) ((a) < (b))
#include "op/extreme.h"

static int64_t fold (size_t n, const REAL *x, REAL *tmp) {
  (void)tmp;
  return (int64_t)extreme(n, x) + 1;
}

#define RESULT       int64_t
#define RESULT_DTYPE MLP_INT64
#define NOT_EMPTY
#include "op/fold.h"

const mlpi_Op mlp_op_argmin = {
  FOLD("argmin", "The index, from 1, of the smallest element."),
};
