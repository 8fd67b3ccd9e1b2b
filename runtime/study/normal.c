/*
** normal.c - the normal distribution. A series near 0 (Abramowitz & Stegun
** 26.2.11), a continued fraction for the tail (26.2.14).
*/
#include "study/normal.h"
#include "base/fmath.h"

#include <math.h>
#include <stddef.h>

#define INV_SQRT_2PI 0.39894228040143267794
#define LN_SQRT_2PI  0.91893853320467274178

double mlpi_normal_density (double z) {
  return INV_SQRT_2PI * mlpi_exp(-z * z / 2);
}

/* Mills' ratio (1 - below(x)) / density(x), x >= 2. */
static double mills (double x) {
  double t = x;
  for (int k = 60; k > 0; k--) t = x + k / t;
  return 1 / t;
}

/* (below(z) - 1/2) / density(z) */
static double series (double z) {
  double term = z, sum = z;
  for (int k = 3; k < 120 && fabs(term) > 1e-18; k += 2) {
    term *= z * z / k;
    sum += term;
  }
  return sum;
}

double mlpi_normal_below (double z) {
  if (z < -2) return mlpi_normal_density(z) * mills(-z);
  if (z > 2) return 1 - mlpi_normal_density(z) * mills(z);
  return 0.5 + mlpi_normal_density(z) * series(z);
}

/* ln(below(z)) */
static double log_below (double z) {
  if (z >= -2) return mlpi_ln(mlpi_normal_below(z));
  return -z * z / 2 - LN_SQRT_2PI + mlpi_ln(mills(-z));
}

double mlpi_log_normal_between (double z0, double z1) {
  if (z0 > 0) return mlpi_log_normal_between(-z1, -z0);
  const double a = log_below(z1), b = log_below(z0);
  const double rest = 1 - mlpi_exp(b - a);
  return a + mlpi_ln(rest > 1e-300 ? rest : 1e-300);
}

/* 1 - x mills(x): what is left of the tail. */
static double tail (double x) {
  const double q = 1 / (x * x);
  if (x > 40) return q * (1 - q * (3 - q * 15));
  return 1 - x * mills(x);
}

double mlpi_log_improvement (double z, double *slope) {
  if (z < -2) {
    const double t = tail(-z);
    if (slope != NULL) *slope = mills(-z) / t;
    return -z * z / 2 - LN_SQRT_2PI + mlpi_ln(t);
  }
  const double below = mlpi_normal_below(z);
  const double h = mlpi_normal_density(z) + z * below;
  if (slope != NULL) *slope = below / h;
  return mlpi_ln(h);
}
