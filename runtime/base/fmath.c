/*
** fmath.c - exp, log, sin, cos from + - * / alone.
** Cody & Waite 1980, "Software Manual for the Elementary Functions": reduce
** the argument by a constant in parts, the first so short that its multiples
** are exact, then sum a Taylor series.
*/
#include "base/fmath.h"

#include <math.h>

/* ln 2 and pi/2 in parts of 32 and 33 bits. */
static const double LN2_HIGH = 0x1.62e42feep-1, LN2_LOW = 0x1.a39ef35793c76p-33;
static const double HALF_PI[3] = { 0x1.921fb544p+0, 0x1.0b4611a6p-34,
                                   0x1.3198a2e037073p-69 };

double mlpi_exp (double x) {
  if (x > 710) return INFINITY;
  if (x < -746) return 0;
  double n = floor(x / 0.69314718055994531 + 0.5), t = 0;
  double high = x - n * LN2_HIGH, low = n * LN2_LOW, r = high - low;
  for (int k = 14; k >= 2; k--) t = (t * r + 1) / k; /* (e^r - 1 - r) / r^2 */
  return ldexp(1 + (high + (r * r * t - low)), (int)n);
}

/* x = (1 + f) 2^e, log(1 + f) = f - f^2/2 + s (f^2/2 + R) with s = f / (2 + f)
** and R = 2 (s^2/3 + s^4/5 + ...): only small terms are rounded. */
double mlpi_ln (double x) {
  int e;
  double m = frexp(x, &e);
  if (m < 0.70710678118654752) m *= 2, e--;
  double f = m - 1, s = f / (2 + f), z = s * s, t = 0, half = f * f / 2;
  for (int k = 21; k >= 3; k -= 2) t = t * z + 2.0 / k;
  return e * LN2_HIGH - ((half - (s * (half + z * t) + e * LN2_LOW)) - f);
}

/* sin(r + low), |r| <= pi/4, low tiny. */
static double sine (double r, double low) {
  double z = r * r, t = 1;
  for (int k = 18; k >= 4; k -= 2) t = 1 - t * z / (k * (k + 1));
  return r + (low - z * r * t / 6 - low * z / 2);
}

static double cosine (double r, double low) {
  double z = r * r, t = 1, half = z / 2, w = 1 - half;
  for (int k = 17; k >= 3; k -= 2) t = 1 - t * z / (k * (k + 1));
  t = 1 - t; /* what follows the term in z */
  return w + (((1 - w) - half) + (t * half - r * low));
}

/* sin(x + quarters pi/2). */
static double turn (double x, int quarters) {
  if (!(fabs(x) <= 1e5)) return NAN;
  double n = floor(x / 1.5707963267948966 + 0.5);
  double a = x - n * HALF_PI[0], b = n * HALF_PI[1]; /* both exact */
  double r = a - b, low = ((a - r) - b) - n * HALF_PI[2];
  int q = ((int)n + quarters) & 3;
  double y = q % 2 == 0 ? sine(r, low) : cosine(r, low);
  return q < 2 ? y : -y;
}

double mlpi_sin (double x) { return turn(x, 0); }
double mlpi_cos (double x) { return turn(x, 1); }

double mlpi_power (double base, uint64_t t) {
  double r = 1;
  for (; t > 0; t >>= 1, base *= base)
    if (t & 1) r *= base;
  return r;
}

double mlpi_pow (double x, double y) {
  if (y == 0 || x == 1) return 1;
  if (y == 1) return x;
  if (y == 0.5) return __builtin_sqrt(x);
  if (x == 0) return y > 0 ? 0 : HUGE_VAL;
  return mlpi_exp(y * mlpi_ln(x));
}
