/*
** packed.c - packed triangles: see packed.h.
*/
#include "study/packed.h"

#include <math.h>

static const double *row_of (const double *L, size_t i) {
  return L + i * (i + 1) / 2;
}

/* Eight chains, so that the machine need not wait for each sum. */
double mlpi_packed_dot (size_t n, const double *a, const double *b) {
  double s[8] = { 0 };
  size_t i = 0;
  for (; i + 8 <= n; i += 8)
    for (size_t j = 0; j < 8; j++) s[j] += a[i + j] * b[i + j];
  for (; i < n; i++) s[0] += a[i] * b[i];
  return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
}

void mlpi_packed_forward (size_t n, const double *L, const double *b,
                          double *v) {
  for (size_t i = 0; i < n; i++) {
    const double *r = row_of(L, i);
    v[i] = (b[i] - mlpi_packed_dot(i, r, v)) / r[i];
  }
}

void mlpi_packed_backward (size_t n, const double *L, double *v) {
  for (size_t i = n; i-- > 0;) {
    const double *r = row_of(L, i);
    const double t = v[i] / r[i];
    v[i] = t;
    for (size_t j = 0; j < i; j++) v[j] -= r[j] * t;
  }
}

void mlpi_packed_factor (double *L, size_t i) {
  double *r = L + i * (i + 1) / 2;
  for (size_t j = 0; j < i; j++) {
    const double *c = row_of(L, j);
    r[j] = (r[j] - mlpi_packed_dot(j, r, c)) / c[j];
  }
  const double rest = r[i] - mlpi_packed_dot(i, r, r);
  r[i] = sqrt(rest > 1e-10 ? rest : 1e-10);
}
