/*
** vbase.h - what the functions of vmath.h are built from: constants, the
** bits of a number, polynomials.
*/
#ifndef vbase_h
#define vbase_h

#include "tensor/kernel/kernel.h"

#include <string.h>

#define VMATH static inline __attribute__((always_inline, unused))

#if MLPI_BITS == 32
typedef uint32_t mlpi_Uint;
enum { V_MANT = 23, V_BIAS = 127 };
#define V_MIN        0x1p-126f /* smallest normal number */
#define V_UP         0x1p23f   /* 2^V_MANT */
#define V_TINY       0x1p-25f  /* 1 + V_TINY is 1 */
#define V_SHIFT      0x1.8p23f /* adding it rounds to an integer */
#define V_EXP_END    104.0f    /* exp is infinite above, 0 below -104 */
#define V_EXP_MAX    89.0f     /* infinite above */
#define V_ONE_AT     19.0f     /* exp(-x) does not reach 1's last bit */
#define V_POW_MAX    0x1p33f   /* no larger exponent makes a difference */
#define V_LOG2E      1.44269502f
#define V_LOG2E_LO   1.92596303e-8f
#define V_LN2        0.693147182f /* and V_LN2_LO: ln 2 in two parts */
#define V_LN2_LO     (-1.90465421e-9f)
#define V_LN2_S      0.693145751953f /* short: times an exponent it is exact */
#define V_LN2_SLO    1.42860677e-6f
#define V_2_3        0.666666687f /* 2/3 in two parts */
#define V_2_3_LO     (-1.98682155e-8f)
#define V_LOG10E     0.434294492f
#define V_LOG10E_LO  (-1.010305e-8f)
#define V_LOG10_2    0.301030010f
#define V_LOG10_2_LO (-1.43209e-8f)
#define V_PI_4       0.785398185f
#define V_PI_4_LO    (-2.1855695e-8f)
#define V_TRUNC      __builtin_truncf
#else
typedef uint64_t mlpi_Uint;
enum { V_MANT = 52, V_BIAS = 1023 };
#define V_MIN        0x1p-1022
#define V_UP         0x1p52
#define V_TINY       0x1p-54
#define V_SHIFT      0x1.8p52
#define V_EXP_END    746.0
#define V_EXP_MAX    710.0
#define V_ONE_AT     40.0
#define V_POW_MAX    0x1p66
#define V_LOG2E      1.4426950408889634
#define V_LOG2E_LO   2.0355273740931033e-17
#define V_LN2        0.69314718055994529
#define V_LN2_LO     2.3190468138462996e-17
#define V_LN2_S      0.69314718055989033
#define V_LN2_SLO    5.4979230187083712e-14
#define V_2_3        0.66666666666666663
#define V_2_3_LO     3.7007434154171883e-17
#define V_LOG10E     0.43429448190325182
#define V_LOG10E_LO  1.0983196502167651e-17
#define V_LOG10_2    0.30102999566398120
#define V_LOG10_2_LO (-2.8037281277851704e-18)
#define V_PI_4       0.78539816339744831
#define V_PI_4_LO    3.061616997868383e-17
#define V_TRUNC      __builtin_trunc
#endif

VMATH mlpi_Uint v_bits (REAL x) {
  mlpi_Uint u;
  memcpy(&u, &x, sizeof u);
  return u;
}

VMATH REAL v_real (mlpi_Uint u) {
  REAL x;
  memcpy(&x, &u, sizeof x);
  return x;
}

#define V_INF  v_real((mlpi_Uint)(2 * V_BIAS + 1) << V_MANT)
#define V_NAN  v_real((mlpi_Uint)(4 * V_BIAS + 3) << (V_MANT - 1))
#define V_SIGN ((mlpi_Uint)1 << (8 * sizeof(REAL) - 1))

VMATH REAL v_abs (REAL x) { return v_real(v_bits(x) & ~V_SIGN); }

/* |x| with the sign of y. */
VMATH REAL v_copysign (REAL x, REAL y) {
  return v_real((v_bits(x) & ~V_SIGN) | (v_bits(y) & V_SIGN));
}

/* a or b, by their bits: of a conditional expression the compiler makes two
** ways, and computes what comes after it in both. */
VMATH REAL v_select (bool first, REAL a, REAL b) {
  const mlpi_Uint mask = -(mlpi_Uint)first;
  return v_real((v_bits(a) & mask) | (v_bits(b) & ~mask));
}

/* x, or the nearest of -limit and limit. */
VMATH REAL v_limit (REAL x, REAL limit) {
  return v_abs(x) > limit ? v_copysign(limit, x) : x;
}

/* Neighbours joined: t[0] + t[1] x, t[2] + t[3] x... */
VMATH void v_pairs (REAL *t, int n, REAL x) {
#pragma GCC unroll 16
  for (int i = 0; i < n / 2; i++) t[i] = FMA(t[2 * i + 1], x, t[2 * i]);
  if (n % 2 == 1) t[n / 2] = t[n - 1];
}

/* c[0] + c[1] x + ..., at most 32 terms, by Estrin's scheme: more work side
** by side than in Horner's. */
#define V_POLY(x, c) v_poly(x, c, (int)(sizeof(c) / sizeof *(c)))
VMATH REAL v_poly (REAL x, const REAL *c, int n) {
  const REAL x2 = x * x, x4 = x2 * x2, x8 = x4 * x4;
  REAL t[32];
#pragma GCC unroll 32
  for (int i = 0; i < n; i++) t[i] = c[i];
  v_pairs(t, n, x);
  v_pairs(t, (n + 1) / 2, x2);
  v_pairs(t, (n + 3) / 4, x4);
  v_pairs(t, (n + 7) / 8, x8);
  v_pairs(t, (n + 15) / 16, x8 * x8);
  return t[0];
}

/* 2^k for exponents of normal numbers. */
VMATH REAL v_pow2 (mlpi_Uint k) { return v_real((k + V_BIAS) << V_MANT); }

#endif
