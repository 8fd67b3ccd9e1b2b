/*
** vector.h - one vector of REALs, as wide as the instruction set's registers.
** gcc's and clang's vector extensions do nearly all; only the fused
** multiply-add, the broadcast and the masked load have no portable spelling
** and are named per instruction set. Without hardware for it, the
** multiply-add goes lane by lane through the C library: slow, the same bits.
*/
#ifndef vector_h
#define vector_h

#include "tensor/kernel/kernel.h"

#include <string.h>

#if defined(__AVX512F__) || (defined(__AVX2__) && defined(__FMA__))
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
enum { VBYTES = 64 };
#elif defined(__AVX2__) && defined(__FMA__)
enum { VBYTES = 32 };
#else
enum { VBYTES = 16 };
#endif
enum { VL = VBYTES / sizeof(REAL) }; /* lanes */

typedef REAL Vec __attribute__((vector_size(VBYTES)));

#define INLINE static inline __attribute__((always_inline))

INLINE Vec vec_load (const REAL *p) {
  Vec v;
  memcpy(&v, p, sizeof v);
  return v;
}

INLINE void vec_store (REAL *p, Vec v) { memcpy(p, &v, sizeof v); }

/*
** Mask vec_mask(n): the first n lanes, 0 < n <= VL. vec_load_part: those, the
** rest 0; vec_store_part: only those. They touch no other memory.
*/
#if defined(__AVX512F__)

#if MLPI_BITS == 32
#define MM(name) _mm512_##name##_ps
typedef __mmask16 Mask;
#else
#define MM(name) _mm512_##name##_pd
typedef __mmask8 Mask;
#endif

INLINE Mask vec_mask (size_t n) { return (Mask)((1u << n) - 1); }
INLINE Vec vec_load_part (const REAL *p, Mask m) {
  return MM(maskz_loadu)(m, p);
}
INLINE void vec_store_part (REAL *p, Vec v, size_t n) {
  MM(mask_storeu)(p, vec_mask(n), v);
}
INLINE Vec vec_splat (REAL x) { return MM(set1)(x); }
INLINE Vec vec_fma (Vec a, Vec b, Vec c) { return MM(fmadd)(a, b, c); }

#elif defined(__AVX2__) && defined(__FMA__)

#if MLPI_BITS == 32
#define MM(name) _mm256_##name##_ps
INLINE __m256i vec_mask (size_t n) {
  const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), lane);
}
/* By halves: a masked store takes dozens of steps. */
INLINE void vec_store_part (REAL *p, Vec v, size_t n) {
  __m128 h = _mm256_castps256_ps128(v);
  if (n >= 4) {
    _mm_storeu_ps(p, h);
    h = _mm256_extractf128_ps(v, 1);
    p += 4;
    if (n == 8) _mm_storeu_ps(p, h);
  }
  if ((n & 2) != 0) {
    _mm_storel_pi((__m64 *)p, h);
    h = _mm_movehl_ps(h, h);
    p += 2;
  }
  if ((n & 1) != 0) _mm_store_ss(p, h);
}
#else
#define MM(name) _mm256_##name##_pd
INLINE __m256i vec_mask (size_t n) {
  const __m256i lane = _mm256_setr_epi64x(0, 1, 2, 3);
  return _mm256_cmpgt_epi64(_mm256_set1_epi64x((long long)n), lane);
}
INLINE void vec_store_part (REAL *p, Vec v, size_t n) {
  __m128d h = _mm256_castpd256_pd128(v);
  if (n >= 2) {
    _mm_storeu_pd(p, h);
    h = _mm256_extractf128_pd(v, 1);
    p += 2;
    if (n == 4) _mm_storeu_pd(p, h);
  }
  if ((n & 1) != 0) _mm_store_sd(p, h);
}
#endif
typedef __m256i Mask;

INLINE Vec vec_load_part (const REAL *p, Mask m) { return MM(maskload)(p, m); }
INLINE Vec vec_splat (REAL x) { return MM(set1)(x); }
INLINE Vec vec_fma (Vec a, Vec b, Vec c) { return MM(fmadd)(a, b, c); }

#else

typedef size_t Mask;

INLINE Mask vec_mask (size_t n) { return n; }
INLINE Vec vec_load_part (const REAL *p, Mask m) {
  Vec v = { 0 };
  for (size_t i = 0; i < m; i++) v[i] = p[i];
  return v;
}
INLINE void vec_store_part (REAL *p, Vec v, size_t n) {
  for (size_t i = 0; i < n; i++) p[i] = v[i];
}
INLINE Vec vec_splat (REAL x) {
  Vec v;
  for (int i = 0; i < VL; i++) v[i] = x;
  return v;
}
INLINE Vec vec_fma (Vec a, Vec b, Vec c) {
  for (int i = 0; i < VL; i++) c[i] = FMA(a[i], b[i], c[i]);
  return c;
}

#endif

#endif
