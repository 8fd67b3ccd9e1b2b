/*
** philox.h - many blocks of the random stream at once: the words that
** mlpi_philox gives for consecutive indices, computed side by side.
*/
#ifndef philox_h
#define philox_h

#include "base/random.h"
#include "tensor/kernel/kernel.h"

#include <string.h>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

/* What is drawn at once: the keys of the rounds are made once for all. */
enum { PHILOX_WORDS = 256 };

/* Four blocks side by side. Of each lane the low half counts: what the high
** half holds goes into no product. */
typedef uint64_t PhiloxLanes __attribute__((vector_size(32)));

/* Macros, and a pointer below: the baseline has no registers for such lanes. */
#if defined(__AVX2__)
#define PHILOX_PRODUCT(a, b)                                                   \
  ((PhiloxLanes)_mm256_mul_epu32((__m256i)(a), (__m256i)(b)))
#else
#define PHILOX_PRODUCT(a, b) (((a)&UINT32_MAX) * (b))
#endif
#define PHILOX_ALL(x)                                                          \
  { x, x, x, x }

/* The 16 words of the blocks at 'index' (a lane each), with that key. */
static inline void philox_four (const mlpi_Stream *s, const PhiloxLanes *index,
                                uint32_t *out) {
  const PhiloxLanes m0 = PHILOX_ALL(0xD2511F53u), m1 = PHILOX_ALL(0xCD9E8D57u);
  PhiloxLanes a = *index, b = a >> 32;
  PhiloxLanes c = PHILOX_ALL(s->step), d = c >> 32;
  uint32_t k0 = s->key[0], k1 = s->key[1];
  for (int round = 0; round < 10; round++) {
    const PhiloxLanes p0 = PHILOX_PRODUCT(a, m0);
    const PhiloxLanes p1 = PHILOX_PRODUCT(c, m1);
    a = (p1 >> 32) ^ b ^ k0;
    b = p1;
    c = (p0 >> 32) ^ d ^ k1;
    d = p0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  const PhiloxLanes low = (a & UINT32_MAX) | b << 32;
  const PhiloxLanes high = (c & UINT32_MAX) | d << 32;
  const PhiloxLanes first = __builtin_shufflevector(low, high, 0, 4, 1, 5);
  const PhiloxLanes last = __builtin_shufflevector(low, high, 2, 6, 3, 7);
  memcpy(out, &first, sizeof first);
  memcpy(out + 8, &last, sizeof last);
}

/* n words (up to PHILOX_WORDS) of the blocks from 'index' on; it writes whole
** sixteens of them. */
static inline void philox_words (const mlpi_Stream *s, uint64_t index, size_t n,
                                 uint32_t out[PHILOX_WORDS]) {
  PhiloxLanes at = { index, index + 1, index + 2, index + 3 };
  for (size_t i = 0; i < n; i += 16, at += 4) philox_four(s, &at, out + i);
}

#endif
