/*
** zeros.h - terms of a product that need not be added.
** A term whose element of A is zero leaves the sum as it is, to the bit, where
** B is finite. Pictures are zero at the border, and sparse features nearly
** everywhere: a term that is zero in all rows of a tile is left out.
*/
#ifndef zeros_h
#define zeros_h

#include "tensor/kernel/tile.h"
#include "tensor/kernel/vbase.h"

typedef mlpi_Uint Bits __attribute__((vector_size(VBYTES)));

/* Is one of mr elements, each 'step' further, other than 0 and -0? */
INLINE bool is_term (const REAL *a, ptrdiff_t step, size_t mr) {
  mlpi_Uint any = 0;
  for (size_t i = 0; i < mr; i++) any |= v_bits(a[(ptrdiff_t)i * step]);
  return any << 1 != 0;
}

/* Terms of mr rows of A (mr, k) that must be added, as Tile has them: 'to' has
** room for k + 1. */
static void list_terms (const REAL *a, ptrdiff_t ars, ptrdiff_t acs, size_t mr,
                        size_t k, uint16_t *to) {
  size_t n = 0, p = 0;
  for (; acs == 1 && p + VL <= k; p += VL) {
    Bits any = { 0 }, row;
    for (size_t i = 0; i < mr; i++) {
      memcpy(&row, a + (ptrdiff_t)i * ars + p, sizeof row);
      any |= row;
    }
    any <<= 1;
    for (size_t i = 0; i < VL; i++) {
      to[n + 1] = (uint16_t)(p + i);
      n += any[i] != 0;
    }
  }
  for (; p < k; p++) {
    to[n + 1] = (uint16_t)p;
    n += is_term(a + (ptrdiff_t)p * acs, ars, mr);
  }
  to[0] = (uint16_t)n;
}

enum { LOOKS = 32, ENOUGH = LOOKS / 8 };

/* Are there enough zeros, by a look at some terms of mr rows? */
static bool has_zeros (const REAL *a, ptrdiff_t ars, ptrdiff_t acs, size_t mr,
                       size_t k) {
  size_t found = 0;
  for (size_t i = 0; i < LOOKS; i++)
    found += !is_term(a + (ptrdiff_t)(i * k / LOOKS) * acs, ars, mr);
  return found > ENOUGH;
}

#endif
