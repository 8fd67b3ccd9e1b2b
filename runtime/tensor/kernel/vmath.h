/*
** vmath.h - elementary functions without branches, tables or the C library.
** A loop over one of them is vectorised by the compiler, and an element gets
** the same bits in a vector, alone, or on another machine: every operation
** is exactly rounded. Polynomials are minimax (Remez exchange, in 50 digits);
** methods after Muller, "Elementary Functions", 3rd ed. 2016. Errors are
** below 2 units in the last place (4 for v_pow and all of double's).
** Powers are in vpow.h, trigonometry in vtrig.h, both included below.
*/
#ifndef vmath_h
#define vmath_h

#include "tensor/kernel/vbase.h"

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
  const REAL r = v_exp_reduce(v_limit(x, V_EXP_END), &k, &low);
  return v_exp_scale(r, low, k - down);
}

VMATH REAL v_exp (REAL x) { return v_exp_down(x, 0); }

/* (exp(r + low) - 1) s + (s - unit) */
VMATH REAL v_expm1_scale (REAL r, REAL low, REAL s, REAL unit) {
  return FMA(s, v_exp_rest(r) + low, FMA(s, r, s - unit));
}

/* exp(x) - 1, by way of its half, since 2^k may overflow too early. */
VMATH REAL v_expm1 (REAL x) {
  mlpi_Uint k;
  REAL low, a = x > V_EXP_MAX ? V_EXP_MAX : x;
  a = a < -V_ONE_AT ? -V_ONE_AT : a;
  const REAL r = v_exp_reduce(a, &k, &low);
  const REAL y = 2 * v_expm1_scale(r, low, v_pow2(k - 1), R(0.5));
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
  const REAL q = v_select(of_t, t, base) / d;
  const REAL inverse = v_select(of_t, 1 - q, q) * (1 / base);
  return FMA(-q * lost, inverse, q);
}

/* From t = exp(2 |x|) - 1: t / (2 + t), or 1 - 2 / (2 + t) where that is
** nearer to 1. */
VMATH REAL v_tanh (REAL x) {
  mlpi_Uint k;
  REAL low;
  const REAL a = v_abs(x), b = a > V_ONE_AT ? V_ONE_AT : a;
  const bool near = a < R(0.55);
  const REAL r = v_exp_reduce(2 * b, &k, &low);
  const REAL y = v_share(near, v_expm1_scale(r, low, v_pow2(k), 1), 2);
  return v_copysign(v_select(near, y, 1 - y), x);
}

/* 1 / (1 + exp(-x)), with all its digits on the left, too. */
VMATH REAL v_sigmoid (REAL x) { return v_share(x < 0, v_exp(-v_abs(x)), 1); }

/* log(1 + exp(x)) = max(x, 0) + log(1 + t), t = exp(-|x|) <= 1. */
VMATH REAL v_softplus (REAL x) {
  const REAL t = v_exp(-v_abs(x));
  const bool large = t > R(0.41421356);
  const REAL y = v_log_sum(large ? R(0.5) * (t - 1) : t, large ? 1 : 0);
  return (x > 0 ? x : 0) + y;
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

#include "tensor/kernel/vpow.h"
#include "tensor/kernel/vtrig.h"

#endif
