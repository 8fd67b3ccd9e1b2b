/*
** sobol.c - Sobol' points: Sobol' 1967, in the Gray code order of Antonov and
** Saleev 1979, with the direction numbers of Joe & Kuo 2008, "Constructing
** Sobol sequences with better two-dimensional projections".
*/
#include "study/sobol.h"

/* Degree and inner coefficients of a primitive polynomial, first numbers m. */
typedef struct Direction {
  int degree;
  uint32_t inner, m[7];
} Direction;

static const Direction directions[MLPI_SOBOL_DIMS - 1] = {
  { 1, 0, { 1 } },
  { 2, 1, { 1, 3 } },
  { 3, 1, { 1, 3, 1 } },
  { 3, 2, { 1, 1, 1 } },
  { 4, 1, { 1, 1, 3, 3 } },
  { 4, 4, { 1, 3, 5, 13 } },
  { 5, 2, { 1, 1, 5, 5, 17 } },
  { 5, 4, { 1, 1, 5, 5, 5 } },
  { 5, 7, { 1, 1, 7, 11, 19 } },
  { 5, 11, { 1, 1, 5, 1, 1 } },
  { 5, 13, { 1, 1, 1, 3, 11 } },
  { 5, 14, { 1, 3, 5, 5, 31 } },
  { 6, 1, { 1, 3, 3, 9, 7, 49 } },
  { 6, 13, { 1, 1, 1, 15, 21, 21 } },
  { 6, 16, { 1, 3, 1, 13, 27, 49 } },
  { 6, 19, { 1, 1, 1, 15, 7, 5 } },
  { 6, 22, { 1, 3, 1, 15, 13, 25 } },
  { 6, 25, { 1, 1, 5, 5, 19, 61 } },
  { 7, 1, { 1, 3, 7, 11, 23, 15, 103 } },
  { 7, 4, { 1, 3, 7, 13, 13, 15, 69 } },
};

/* v[k], the direction number of bit k, from the recurrence of the paper. */
static void numbers (int dim, uint32_t v[32]) {
  if (dim == 0) {
    for (int k = 0; k < 32; k++) v[k] = UINT32_C(1) << (31 - k);
    return;
  }
  const Direction *d = &directions[dim - 1];
  const int s = d->degree;
  for (int k = 0; k < s; k++) v[k] = d->m[k] << (31 - k);
  for (int k = s; k < 32; k++) {
    v[k] = v[k - s] ^ (v[k - s] >> s);
    for (int j = 1; j < s; j++)
      if ((d->inner >> (s - 1 - j)) & 1) v[k] ^= v[k - j];
  }
}

double mlpi_sobol (uint32_t index, int dim) {
  uint32_t v[32], x = 0;
  const uint32_t gray = index ^ (index >> 1);
  numbers(dim, v);
  for (int k = 0; k < 32; k++)
    if ((gray >> k) & 1) x ^= v[k];
  return (double)x / 4294967296.0;
}
