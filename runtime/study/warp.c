/*
** warp.c - values as a Gaussian process sees them. Yeo & Johnson 2000,
** Biometrika 87; that it helps: Cowen-Rivers et al. 2022, HEBO, JAIR 74.
*/
#include "study/warp.h"
#include "base/fmath.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
  POWERS = 30,   /* from 0 in steps of 0.1 */
  FARTHEST = 30, /* a logarithm that no value has */
  BEST = 4       /* the same of a good one, in deviations */
};

static int by_value (const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/*
** The logarithm
*/

static double nearer (const mlpi_Warp *w, double y) {
  if (!(y > w->median && w->spread > 0)) return y;
  return w->median + w->spread * mlpi_ln(1 + (y - w->median) / w->spread);
}

static double farther (const mlpi_Warp *w, double v, double *slope) {
  *slope = 1;
  if (!(v > w->median && w->spread > 0)) return v;
  const double u = (v - w->median) / w->spread;
  *slope = mlpi_exp(u < FARTHEST ? u : FARTHEST);
  return w->median + w->spread * (*slope - 1);
}

/*
** The power
*/

/* (e^(p l) - 1) / p: of l = ln(1 + y), a power of 1 + y. */
static double power_of (double l, double p) {
  return fabs(p) < 1e-9 ? l : (mlpi_exp(p * l) - 1) / p;
}

double mlpi_yeo_johnson (double y, double power) {
  return y < 0 ? -power_of(mlpi_ln(1 - y), 2 - power)
               : power_of(mlpi_ln(1 + y), power);
}

/* The other way; no farther than to what is far beyond all values. */
static double back (double v, double power, double *slope) {
  const double p = v < 0 ? 2 - power : power, most = v < 0 ? BEST : FARTHEST;
  const double a = fabs(v), e = 1 + p * a;
  double l = fabs(p) < 1e-9 ? a : e > 1e-12 ? mlpi_ln(e) / p : most;
  if (l > most) l = most;
  *slope = mlpi_exp((1 - p) * l);
  return v < 0 ? 1 - mlpi_exp(l) : mlpi_exp(l) - 1;
}

/* Mean and deviation of n values; a deviation of 0 counts as 1. */
static void moments (size_t n, const double *v, double *mean, double *sd) {
  double s = 0, s2 = 0;
  for (size_t i = 0; i < n; i++) s += v[i];
  *mean = s / (double)n;
  for (size_t i = 0; i < n; i++) s2 += (v[i] - *mean) * (v[i] - *mean);
  *sd = sqrt(s2 / (double)n);
  if (!(*sd > 1e-300)) *sd = 1;
}

/* The logarithm of the likelihood of a power, and what it makes of the values:
** section 3 of the paper. logs: ln(1 + |y|), with the sign of y. */
static double likelihood (mlpi_Warp *w, size_t n, const double *logs,
                          double power, double *v) {
  double jacobian = 0;
  for (size_t i = 0; i < n; i++) {
    v[i] =
        logs[i] < 0 ? -power_of(-logs[i], 2 - power) : power_of(logs[i], power);
    jacobian += logs[i];
  }
  w->power = power;
  moments(n, v, &w->mean, &w->scale);
  return (power - 1) * jacobian - (double)n * mlpi_ln(w->scale);
}

static void fit_power (mlpi_Warp *w, size_t n, const double *logs, double *v) {
  double best = -HUGE_VAL, power = 1;
  for (int k = 0; k <= POWERS; k++) {
    const double p = 0.1 * k, l = likelihood(w, n, logs, p, v);
    if (!(l > best)) continue;
    best = l;
    power = p;
  }
  likelihood(w, n, logs, power, v);
}

void mlpi_warp_fit (mlpi_Warp *w, size_t n, const double *y, double *room) {
  double *logs = room, *v = room + n;
  memcpy(v, y, n * sizeof *v);
  qsort(v, n, sizeof *v, by_value);
  w->median = v[n / 2];
  w->spread = w->median - v[0];
  for (size_t i = 0; i < n; i++) v[i] = nearer(w, y[i]);
  moments(n, v, &w->centre, &w->width);
  for (size_t i = 0; i < n; i++) {
    const double u = (v[i] - w->centre) / w->width;
    logs[i] = u < 0 ? -mlpi_ln(1 - u) : mlpi_ln(1 + u);
  }
  fit_power(w, n, logs, v);
}

double mlpi_warp (const mlpi_Warp *w, double y) {
  const double u = (nearer(w, y) - w->centre) / w->width;
  return (mlpi_yeo_johnson(u, w->power) - w->mean) / w->scale;
}

double mlpi_unwarp (const mlpi_Warp *w, double v, double *slope) {
  double by_power, by_log;
  const double u = back(w->mean + w->scale * v, w->power, &by_power);
  const double y = farther(w, w->centre + w->width * u, &by_log);
  *slope = w->scale * by_power * w->width * by_log;
  return y;
}
