/*
** vmath.h - elementary functions without branches, tables or the C library.
** A loop over one of them is vectorised by the compiler, and an element gets
** the same bits in a vector, alone, or on another machine: every operation
** is exactly rounded. Polynomials are minimax (Remez exchange, in 50 digits);
** methods after Muller, "Elementary Functions", 3rd ed. 2016. Errors are
** below 2 units in the last place (4 for v_pow and all of double's).
** Trigonometry is in vtrig.h, included below.
*/
#ifndef vmath_h
#define vmath_h

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
#define V_EXP_MIN    (-104.0f) /* exp is 0 below, */
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
#define V_EXP_MIN    (-746.0)
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

/* c[0] + c[1] x + ... by Horner's rule. */
#define V_POLY(x, c) v_poly(x, c, (int)(sizeof(c) / sizeof *(c)))
VMATH REAL v_poly (REAL x, const REAL *c, int n) {
  REAL p = c[n - 1];
#pragma GCC unroll 32
  for (int i = n - 2; i >= 0; i--) p = FMA(p, x, c[i]);
  return p;
}

/* 2^k for exponents of normal numbers. */
VMATH REAL v_pow2 (mlpi_Uint k) { return v_real((k + V_BIAS) << V_MANT); }

/*
** exp. x = k ln 2 + r with |r| <= ln(2) / 2; exp(r) - 1 = r + r^2 q(r).
*/

/* r, rounded, and what rounding lost; *k as an integer modulo its type. */
VMATH REAL v_exp_reduce (REAL x, mlpi_Uint *k, REAL *lost) {
  const REAL t = FMA(x, V_LOG2E, V_SHIFT), n = t - V_SHIFT;
  const REAL most = FMA(n, -V_LN2, x), r = FMA(n, -V_LN2_LO, most);
  *k = v_bits(t) - v_bits(V_SHIFT);
  *lost = FMA(n, -V_LN2_LO, most - r);
  return r;
}

/* r^2 q(r) */
VMATH REAL v_exp_rest (REAL r) {
  static const REAL q[] = {
#if MLPI_BITS == 32
    0.5000000078f,
    0.1666666686f,
    0.04166626851f,
    0.008333264104f,
    0.001394617667f,
    0.0001991852494f
#else
    0.500000000000001286,
    0.166666666666666993,
    0.0416666666665143296,
    0.00833333333330701944,
    0.0013888888947329642,
    0.000198412699177940112,
    0.0000248014895920688275,
    2.75572159258708366e-6,
    2.76314132981432846e-7,
    2.51179823866537893e-8
#endif
  };
  return r * r * V_POLY(r, q);
}

/* exp(r + low) 2^k. What 1 + r loses is added back; 2^k comes in two steps,
** so that it may underflow or overflow. */
VMATH REAL v_exp_scale (REAL r, REAL low, mlpi_Uint k) {
  const REAL one = 1 + r, lost = ((1 - one) + r) + low;
  const mlpi_Uint half = ((k + 2 * V_BIAS) >> 1) - V_BIAS;
  return (one + (lost + v_exp_rest(r))) * v_pow2(half) * v_pow2(k - half);
}

/* exp(x) 2^-down, down 0 or 1. */
VMATH REAL v_exp_down (REAL x, mlpi_Uint down) {
  mlpi_Uint k;
  REAL low;
  x = x > V_EXP_MAX + 1 ? V_EXP_MAX + 1 : x;
  x = x < V_EXP_MIN ? V_EXP_MIN : x;
  const REAL r = v_exp_reduce(x, &k, &low);
  return v_exp_scale(r, low, k - down);
}

VMATH REAL v_exp (REAL x) { return v_exp_down(x, 0); }

/* exp(x) - 1 */
VMATH REAL v_expm1 (REAL x) {
  mlpi_Uint k;
  REAL low, a = x > V_EXP_MAX ? V_EXP_MAX : x;
  a = a < -V_ONE_AT ? -V_ONE_AT : a;
  const REAL r = v_exp_reduce(a, &k, &low), rest = v_exp_rest(r) + low;
  const REAL half = v_pow2(k - 1); /* 2^k itself may overflow too early */
  const REAL y = 2 * FMA(half, rest, FMA(half, r, half - R(0.5)));
  return v_abs(x) < V_TINY ? x : y;
}

/*
** log. x = m 2^e with m between sqrt(1/2) and sqrt(2), f = m - 1,
** s = f / (2 + f); log m = 2 atanh s = 2 s + 2/3 s^3 + s^5 t(s^2).
*/

#define V_ROOT 0x1.6a09e6p-1 /* about sqrt(1/2), in either type */

/* m of a normal x > 0, and e. */
VMATH REAL v_split (REAL x, REAL *e) {
  const mlpi_Uint root = v_bits((REAL)V_ROOT), one = v_bits(1);
  const mlpi_Uint u = v_bits(x) + (one - root);
  const mlpi_Uint fraction = u & (((mlpi_Uint)1 << V_MANT) - 1);
  *e = v_real(v_bits(V_SHIFT) + (u >> V_MANT) - V_BIAS) - V_SHIFT;
  return v_real(fraction + root);
}

/* The same for denormal x too. */
VMATH REAL v_split_any (REAL x, REAL *e) {
  const bool small = x < V_MIN;
  const REAL m = v_split(small ? x * (V_UP) : x, e);
  *e = small ? *e - V_MANT : *e;
  return m;
}

VMATH REAL v_log_tail (REAL z) {
  static const REAL t[] = {
#if MLPI_BITS == 32
    0.4000015137f,
    0.2854720145f,
    0.2341718816f
#else
    0.399999999997928148,
    0.285714286683284957,
    0.222222054470397421,
    0.18183235440240486,
    0.153218949709988113,
    0.147220898516097387
#endif
  };
  return V_POLY(z, t);
}

/* log(1 + f) + e ln 2: the square of f is taken out, so that the rest may
** be rounded. */
VMATH REAL v_log_sum (REAL f, REAL e) {
  const REAL s = f / (2 + f), z = s * s, half = R(0.5) * f * f;
  const REAL r = z * FMA(z, v_log_tail(z), V_2_3);
  const REAL rest = FMA(e, V_LN2_SLO, s * (half + r));
  return FMA(e, V_LN2_S, f - (half - rest));
}

/* What log is outside of its domain; y inside. */
VMATH REAL v_log_edges (REAL x, REAL y) {
  y = x == 0 ? -V_INF : y;
  y = x < 0 ? V_NAN : y;
  return x < V_INF ? y : x; /* infinity, NaN */
}

VMATH REAL v_log (REAL x) {
  REAL e;
  const REAL m = v_split_any(x, &e);
  return v_log_edges(x, v_log_sum(m - 1, e));
}

VMATH REAL v_log2 (REAL x) {
  REAL e;
  const REAL l = v_log_sum(v_split_any(x, &e) - 1, 0);
  return v_log_edges(x, FMA(l, V_LOG2E, FMA(l, V_LOG2E_LO, e)));
}

VMATH REAL v_log10 (REAL x) {
  REAL e;
  const REAL l = v_log_sum(v_split_any(x, &e) - 1, 0);
  const REAL low = FMA(l, V_LOG10E_LO, e * V_LOG10_2_LO);
  return v_log_edges(x, FMA(e, V_LOG10_2, FMA(l, V_LOG10E, low)));
}

/* log(1 + x): what 1 + x loses comes back into f. */
VMATH REAL v_log1p (REAL x) {
  REAL e;
  const REAL u = 1 + x, lost = x < 1 ? x - (u - 1) : 1 - (u - x);
  const REAL f = v_split(u, &e) - 1;
  const mlpi_Uint k = v_bits(e + V_SHIFT) - v_bits(V_SHIFT);
  const REAL g = x > 4 * V_UP ? f : FMA(lost, v_pow2(-k), f);
  const REAL y = v_log_edges(u, v_log_sum(g, e));
  return v_abs(x) < V_TINY ? x : y;
}

/*
** Activations.
*/

/* t / (base + t), or base / (base + t), for base a power of two; what the
** sum loses is given back. */
VMATH REAL v_share (bool of_t, REAL t, REAL base) {
  const REAL d = base + t, lost = (base - d) + t;
  const REAL q = (of_t ? t : base) / d;
  const REAL inverse = (of_t ? 1 - q : q) * (1 / base);
  return FMA(-q * lost, inverse, q);
}

/* From t = exp(2 |x|) - 1: t / (2 + t), or 1 - 2 / (2 + t) where that is
** nearer to 1. */
VMATH REAL v_tanh (REAL x) {
  const REAL a = v_abs(x), b = a > V_ONE_AT ? V_ONE_AT : a;
  const bool near = a < R(0.55);
  const REAL y = v_share(near, v_expm1(2 * b), 2);
  return v_copysign(near ? y : 1 - y, x);
}

/* 1 / (1 + exp(-x)), with all its digits on the left, too. */
VMATH REAL v_sigmoid (REAL x) { return v_share(x < 0, v_exp(-v_abs(x)), 1); }

/* log(1 + exp(x)) */
VMATH REAL v_softplus (REAL x) {
  return (x > 0 ? x : 0) + v_log1p(v_exp(-v_abs(x)));
}

/* Below 1: x + x p(x^2). From there on: 1 - exp(-q(x)). */
VMATH REAL v_erf (REAL x) {
  static const REAL p[] = {
#if MLPI_BITS == 32
    0.1283791659f,
    -0.3761262714f,
    0.1128360018f,
    -0.02685444473f,
    0.005189535605f,
    -0.0008020843562f,
    7.889126881e-5f
#else
    0.128379167095512574,
    -0.376126389031837482,
    0.112837916709548845,
    -0.0268661706450778732,
    0.00522397762482842183,
    -0.000854832698142553738,
    0.000120553311329716123,
    -0.00001492559577289319,
    1.64610084938482774e-6,
    -1.63503964352366294e-7,
    1.4660330395810715e-8,
    -1.13749630140081771e-9,
    5.96069882198888827e-11
#endif
  };
  static const REAL q[] = {
#if MLPI_BITS == 32
    1.84960551f,
    2.638967516f,
    0.8431070648f,
    0.04156355121f,
    -0.0100465883f,
    0.002012097616f,
    -0.0002895887426f,
    2.169748865e-5f
#else
    1.84960550993324825,
    2.63896751423479087,
    0.843107256358511961,
    0.0415610980458269168,
    -0.0100338254248988407,
    0.00197790294577029909,
    -0.000237324316998140814,
    -0.0000262717555086081102,
    0.0000271445703723345306,
    -9.58362293925675633e-6,
    2.02706788884747549e-6,
    -1.11048704533670154e-7,
    -1.20946776576444699e-7,
    6.50122406845862236e-8,
    -2.02894801210243648e-8,
    4.50079975489772282e-9,
    -7.22452039811974536e-10,
    8.03063196265533853e-11,
    -5.53889136030694379e-12,
    1.78363464513409612e-13
#endif
  };
  const REAL a = v_abs(x), end = MLPI_BITS == 32 ? 4 : 6;
  const REAL near = FMA(x, V_POLY(x * x, p), x);
  const REAL b = (a > end ? end : a) - 1;
  const REAL far = 1 - v_exp(-V_POLY(b, q));
  return a < 1 ? near : v_copysign(far, x);
}

/*
** x^y = exp(y log x), the logarithm and its product with y in two parts.
*/

/* log m + e ln 2 = *high + *low, f = m - 1. */
VMATH void v_log_two (REAL f, REAL e, REAL *high, REAL *low) {
  const REAL d = 2 + f, inv = 1 / d, s = f * inv;
  const REAL sl = FMA(-s, f - (d - 2), FMA(-s, d, f)) * inv;
  const REAL z = s * s, zl = FMA(s, s, -z) + 2 * s * sl;
  const REAL c = s * z, cl = FMA(s, z, -c) + FMA(s, zl, sl * z);
  const REAL q = V_2_3 * c;
  const REAL ql = FMA(V_2_3, c, -q) + FMA(V_2_3, cl, V_2_3_LO * c);
  const REAL a = e * V_LN2_S, b = a + 2 * s, h = b + q;
  const REAL lost = (2 * s - (b - a)) + (q - (h - b));
  const REAL tail = FMA(c * z, v_log_tail(z), FMA(e, V_LN2_SLO, ql));
  const REAL l = lost + FMA(2, sl, tail);
  *high = h + l;
  *low = l - (*high - h);
}

/* |x|^y for finite x != 0. */
VMATH REAL v_pow_abs (REAL a, REAL y) {
  REAL e, high, low, lost;
  mlpi_Uint k;
  const REAL m = v_split_any(a, &e);
  v_log_two(m - 1, e, &high, &low);
  y = y > V_POW_MAX ? V_POW_MAX : y;
  y = y < -V_POW_MAX ? -V_POW_MAX : y;
  const REAL p = y * high, pl = FMA(y, low, FMA(y, high, -p));
  REAL b = p > V_EXP_MAX ? V_EXP_MAX : p;
  b = b < V_EXP_MIN ? V_EXP_MIN : b;
  const REAL r = v_exp_reduce(b, &k, &lost), l = b == p ? lost + pl : lost;
  return v_exp_scale(r + l, (r - (r + l)) + l, k);
}

/* The special cases are those of C99, annex F.9.4.4. */
VMATH REAL v_pow (REAL x, REAL y) {
  const REAL a = v_abs(x), half = R(0.5) * y;
  const bool whole = V_TRUNC(y) == y, odd = whole && V_TRUNC(half) != half;
  REAL r = v_pow_abs(a, y);
  r = a == 0 ? (y < 0 ? V_INF : 0) : r;
  r = a == V_INF ? (y < 0 ? 0 : V_INF) : r;
  r = odd ? v_copysign(r, x) : r;
  r = x < 0 && a < V_INF && !whole ? V_NAN : r;
  r = x != x || y != y ? V_NAN : r;
  return x == 1 || y == 0 ? 1 : r;
}

#include "tensor/kernel/vtrig.h"

#endif
