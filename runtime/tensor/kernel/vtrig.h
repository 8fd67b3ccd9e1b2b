/*
** vtrig.h - the part of vmath.h about circles.
** x = n pi/2 + r, |r| <= pi/4, by Cody and Waite's method with fused
** multiply-adds, in double even for float: good for |x| < 2^50. Beyond, where
** neighbouring floats are many periods apart, the result is NaN.
*/
#ifndef vtrig_h
#define vtrig_h

/* r; n modulo 4 in *n. */
VMATH REAL v_trig_reduce (REAL x, mlpi_Uint *n) {
  const double shift = 0x1.8p52, a = (double)x;
  const double t = __builtin_fma(a, 0.63661977236758134, shift), k = t - shift;
  double r = __builtin_fma(k, -1.5707963267948966, a);
  uint64_t u;
  memcpy(&u, &t, sizeof u);
  *n = (mlpi_Uint)u & 3;
  r = __builtin_fma(k, -6.123233995736766e-17, r);
  if (MLPI_BITS == 64) r = __builtin_fma(k, 1.4973849048591698e-33, r);
  return v_abs(x) < 0x1p50f ? (REAL)r : V_NAN;
}

VMATH REAL v_sin_poly (REAL x) {
  static const REAL p[] = {
#if MLPI_BITS == 32
    -0.1666666664f,
    0.008333329384f,
    -0.0001983933409f,
    2.718304325e-6f
#else
    -0.16666666666666632,
    0.00833333333332241386,
    -0.000198412698298079457,
    2.75573136919555037e-6,
    -2.50507581198621306e-8,
    1.58967958612989142e-10
#endif
  };
  const REAL z = x * x;
  return FMA(x * z, V_POLY(z, p), x);
}

/* 1 - z / 2 is rounded once, and what was lost is added back. */
VMATH REAL v_cos_poly (REAL x) {
  static const REAL p[] = {
#if MLPI_BITS == 32
    0.04166664685f,
    -0.001388736692f,
    2.443838023e-5f
#else
    0.0416666666666665995,
    -0.00138888888888741252,
    0.0000248015872894828314,
    -2.75573143524922861e-7,
    2.08757232921219195e-9,
    -1.13596486700114162e-11
#endif
  };
  const REAL z = x * x, half = R(0.5) * z, w = 1 - half;
  return w + FMA(z * z, V_POLY(z, p), (1 - w) - half);
}

/* sin(r + n pi/2) */
VMATH REAL v_turn (REAL r, mlpi_Uint n) {
  const REAL y = (n & 1) != 0 ? v_cos_poly(r) : v_sin_poly(r);
  return (n & 2) != 0 ? -y : y;
}

VMATH REAL v_sin (REAL x) {
  mlpi_Uint n;
  const REAL r = v_trig_reduce(x, &n);
  return x == 0 ? x : v_turn(r, n);
}

VMATH REAL v_cos (REAL x) {
  mlpi_Uint n;
  const REAL r = v_trig_reduce(x, &n);
  return v_turn(r, n + 1);
}

VMATH REAL v_tan (REAL x) {
  mlpi_Uint n;
  const REAL r = v_trig_reduce(x, &n);
  const REAL s = v_sin_poly(r), c = v_cos_poly(r);
  const REAL y = (n & 1) != 0 ? -c / s : s / c;
  return x == 0 ? x : y;
}

/* Below tan(pi/8) a polynomial; else atan t = pi/4 + atan((t - 1) / (t + 1)),
** above 1 / tan(pi/8) atan t = pi/2 + atan(-1 / t). */
VMATH REAL v_atan (REAL x) {
  static const REAL p[] = {
#if MLPI_BITS == 32
    -0.3333331549f,
    0.199984884f,
    -0.142438276f,
    0.1059583475f,
    -0.06083006309f
#else
    -0.333333333333331989,
    0.199999999999540107,
    -0.142857142802406761,
    0.111111107857193094,
    -0.0909089782374450568,
    0.0769206140058372104,
    -0.0666311758755120176,
    0.0584798785807945058,
    -0.0503974769096014764,
    0.0380757667838540079,
    -0.0179194121227669335
#endif
  };
  const REAL a = v_abs(x);
  const bool mid = a > R(0.41421356), far = a > R(2.4142136);
  const REAL top = far ? -1 : mid ? a - 1 : a;
  const REAL under = far ? a : mid ? a + 1 : 1;
  const REAL turns = far ? 2 : mid ? 1 : 0; /* of pi/4 */
  const REAL t = top / under, z = t * t;
  const REAL y = FMA(t * z, V_POLY(z, p), turns * V_PI_4_LO) + t;
  return v_copysign(FMA(turns, V_PI_4, y), x);
}

/* asin a - a for 0 <= a <= 1/2. */
VMATH REAL v_asin_rest (REAL a) {
  static const REAL p[] = {
#if MLPI_BITS == 32
    0.1666665985f,
    0.07500512124f,
    0.04451547213f,
    0.03181981358f,
    0.01439381781f,
    0.03757814955f
#else
    0.16666666666666763,
    0.074999999999701036,
    0.0446428571752816723,
    0.0303819426754842324,
    0.0223722159002031161,
    0.0173515956019422474,
    0.013981017319572483,
    0.0113973029500794501,
    0.0107892660139805757,
    0.00367239164675225009,
    0.0217901492623225494,
    -0.021116021754784728,
    0.0327017302511223136
#endif
  };
  const REAL z = a * a;
  return a * z * V_POLY(z, p);
}

/* Above 1/2: asin a = pi/2 - 2 asin(sqrt((1 - a) / 2)). */
VMATH REAL v_asin (REAL x) {
  const REAL a = v_abs(x), h = R(0.5) * (1 - a);
  const bool far = a > R(0.5);
  const REAL s = far ? SQRT(h) : a, r = v_asin_rest(s);
  const REAL y = 2 * V_PI_4 - 2 * (s + (r - V_PI_4_LO));
  return v_copysign(far ? y : s + r, x);
}

VMATH REAL v_acos (REAL x) {
  const REAL a = v_abs(x), h = R(0.5) * (1 - a);
  const bool far = a > R(0.5);
  const REAL s = far ? SQRT(h) : x, r = v_asin_rest(s);
  const REAL near = 2 * V_PI_4 - (s - (2 * V_PI_4_LO - r));
  const REAL left = 4 * V_PI_4 - 2 * (s + (r - 2 * V_PI_4_LO));
  return !far ? near : x < 0 ? left : 2 * (s + r);
}

/*
** Hyperbolic: from exp(|x|) - 1, and where its 1 is lost, exp(|x|) / 2.
*/

VMATH REAL v_sinh (REAL x) {
  const REAL a = v_abs(x), t = v_expm1(a);
  const REAL near = R(0.5) * (t + t / (t + 1));
  return v_copysign(a > V_ONE_AT ? v_exp_down(a, 1) : near, x);
}

VMATH REAL v_cosh (REAL x) {
  const REAL a = v_abs(x), t = v_exp(a);
  return a > V_ONE_AT ? v_exp_down(a, 1) : R(0.5) * t + R(0.5) / t;
}

#endif
