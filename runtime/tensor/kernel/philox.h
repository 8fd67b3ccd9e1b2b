/*
** philox.h - many blocks of the random stream at once: the words that
** mlpi_philox gives for consecutive indices, computed side by side.
*/
#ifndef philox_h
#define philox_h

#include "base/random.h"
#include "tensor/kernel/kernel.h"

enum { PHILOX_BLOCKS = 16, PHILOX_WORDS = 4 * PHILOX_BLOCKS };

/* The words of PHILOX_BLOCKS blocks from 'index' on. */
static inline void philox_words (const mlpi_Stream *s, uint64_t index,
                                 uint32_t out[PHILOX_WORDS]) {
  uint32_t a[PHILOX_BLOCKS], b[PHILOX_BLOCKS], c[PHILOX_BLOCKS],
      d[PHILOX_BLOCKS], k0 = s->key[0], k1 = s->key[1];
  for (int i = 0; i < PHILOX_BLOCKS; i++) {
    a[i] = (uint32_t)(index + (uint64_t)i);
    b[i] = (uint32_t)((index + (uint64_t)i) >> 32);
    c[i] = (uint32_t)s->step;
    d[i] = (uint32_t)(s->step >> 32);
  }
  for (int round = 0; round < 10; round++) {
    for (int i = 0; i < PHILOX_BLOCKS; i++) {
      const uint64_t p0 = (uint64_t)0xD2511F53u * a[i];
      const uint64_t p1 = (uint64_t)0xCD9E8D57u * c[i];
      a[i] = (uint32_t)(p1 >> 32) ^ b[i] ^ k0;
      b[i] = (uint32_t)p1;
      c[i] = (uint32_t)(p0 >> 32) ^ d[i] ^ k1;
      d[i] = (uint32_t)p0;
    }
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  for (int i = 0; i < PHILOX_BLOCKS; i++) {
    out[4 * i] = a[i];
    out[4 * i + 1] = b[i];
    out[4 * i + 2] = c[i];
    out[4 * i + 3] = d[i];
  }
}

#endif
