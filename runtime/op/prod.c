/*
** prod.c - the product over axes; 1 of nothing. The product of the others is
** found by division, or where an element is 0, anew.
*/
#include "tensor/kernel/kernel.h"

static REAL fold (size_t n, const REAL *x, REAL *tmp) {
  REAL y = 1;
  (void)tmp;
  for (size_t i = 0; i < n; i++) y *= x[i];
  return y;
}

/* The product of all but element k. */
static REAL others (size_t n, const REAL *x, size_t k) {
  REAL y = 1;
  for (size_t i = 0; i < n; i++) y *= i == k ? 1 : x[i];
  return y;
}

static void unfold (size_t n, const REAL *x, REAL y, REAL g, REAL *gx) {
  for (size_t i = 0; i < n; i++)
    gx[i] = g * (x[i] == 0 ? others(n, x, i) : y / x[i]);
}

#include "op/fold.h"

const mlpi_Op mlp_op_prod = {
  FOLD("prod", "The product over dimensions, or of all elements."),
};
