/*
** pack.h - copy a strip of a matrix to where the product reads it in order.
*/
#ifndef pack_h
#define pack_h

#include "tensor/kernel/vector.h"

/*
** A strip: dst[p * ld + i] = src[p * ps + i * is], p < k, i < w.
** Transposing goes by blocks of PK x PI elements: pieces of PK elements, two
** to a vector, are interleaved within each half of the vector.
*/
enum { PK = 16 / sizeof(REAL), PI = 2 * PK };

typedef REAL Half __attribute__((vector_size(16)));
typedef REAL Pair __attribute__((vector_size(32)));

#define MIX __builtin_shufflevector
#if MLPI_BITS == 32
#define JOIN(a, b) MIX(a, b, 0, 1, 2, 3, 4, 5, 6, 7)
#define LOW(a, b)  MIX(a, b, 0, 8, 1, 9, 4, 12, 5, 13)
#define HIGH(a, b) MIX(a, b, 2, 10, 3, 11, 6, 14, 7, 15)
#else
#define JOIN(a, b) MIX(a, b, 0, 1, 2, 3)
#define LOW(a, b)  MIX(a, b, 0, 4, 2, 6)
#define HIGH(a, b) MIX(a, b, 1, 5, 3, 7)
#endif

/* A macro: the baseline has no registers to return a pair in. */
#define LOAD_PAIR(v, low, high)                                                \
  do {                                                                         \
    Half l_, h_;                                                               \
    memcpy(&l_, low, sizeof l_);                                               \
    memcpy(&h_, high, sizeof h_);                                              \
    v = JOIN(l_, h_);                                                          \
  } while (0)

INLINE void transpose_block (REAL *dst, size_t ld, const REAL *src,
                             ptrdiff_t is) {
  Pair r[PK], s[PK];
#pragma GCC unroll 4
  for (int i = 0; i < PK; i++)
    LOAD_PAIR(r[i], src + i * is, src + (i + PK) * is);
#if MLPI_BITS == 32
  const Pair a = LOW(r[0], r[2]), b = HIGH(r[0], r[2]);
  const Pair c = LOW(r[1], r[3]), d = HIGH(r[1], r[3]);
  s[0] = LOW(a, c), s[1] = HIGH(a, c), s[2] = LOW(b, d), s[3] = HIGH(b, d);
#else
  s[0] = LOW(r[0], r[1]), s[1] = HIGH(r[0], r[1]);
#endif
#pragma GCC unroll 4
  for (int p = 0; p < PK; p++) memcpy(dst + (size_t)p * ld, &s[p], 32);
}

/* n contiguous elements; the last vector may overlap the one before. */
INLINE void copy_run (REAL *dst, const REAL *src, size_t n) {
  size_t i = 0;
  for (; i + VL <= n; i += VL) vec_store(dst + i, vec_load(src + i));
  if (i < n && n >= VL)
    vec_store(dst + n - VL, vec_load(src + n - VL));
  else
    for (; i < n; i++) dst[i] = src[i];
}

INLINE void copy_block (REAL *dst, size_t ld, size_t k, size_t w,
                        const REAL *src, ptrdiff_t ps, ptrdiff_t is) {
  for (size_t p = 0; p < k; p++)
    for (size_t i = 0; i < w; i++)
      dst[p * ld + i] = src[(ptrdiff_t)p * ps + (ptrdiff_t)i * is];
}

static void pack (REAL *dst, size_t ld, size_t k, size_t w, const REAL *src,
                  ptrdiff_t ps, ptrdiff_t is) {
  if (is == 1) {
    for (size_t p = 0; p < k; p++)
      copy_run(dst + p * ld, src + (ptrdiff_t)p * ps, w);
    return;
  }
  const size_t kb = ps == 1 ? k - k % PK : 0, wb = w - w % PI;
  for (size_t i = 0; i < wb; i += PI)
    for (size_t p = 0; p < kb; p += PK)
      transpose_block(dst + p * ld + i, ld, src + (ptrdiff_t)i * is + p, is);
  copy_block(dst + wb, ld, kb, w - wb, src + (ptrdiff_t)wb * is, ps, is);
  copy_block(dst + kb * ld, ld, k - kb, w, src + (ptrdiff_t)kb * ps, ps, is);
}

#endif
