/*
** quotient.h - what is left of a division. The C library's fmod is exact, so
** its bits are the same everywhere.
*/
#ifndef quotient_h
#define quotient_h

#include "tensor/kernel/kernel.h"

#if MLPI_BITS == 32
#define FMOD  __builtin_fmodf
#define TRUNC __builtin_truncf
#define FLOOR __builtin_floorf
#else
#define FMOD  __builtin_fmod
#define TRUNC __builtin_trunc
#define FLOOR __builtin_floor
#endif

static inline REAL op_remainder (REAL a, REAL b) {
  const REAL r = FMOD(a, b);
  return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

#endif
