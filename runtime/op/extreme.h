/*
** extreme.h - where the best of n elements is, from 0: the first of equals;
** the first NaN if there is one. BETTER(a, b) is defined before.
*/
#ifndef extreme_h
#define extreme_h

#include "tensor/kernel/kernel.h"

static size_t extreme (size_t n, const REAL *x) {
  size_t best = 0;
  for (size_t i = 0; i < n; i++) {
    if (x[i] != x[i]) return i;
    if (BETTER(x[i], x[best])) best = i;
  }
  return best;
}

#endif
