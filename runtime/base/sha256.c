/*
** sha256.c - the secure hash of FIPS 180-4, sections 4.1.2, 5.3.3 and 6.2; by
** the processor's own instructions where it has them.
*/
#include "base/sha256.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

/* First 32 bits of the fractions of the cube roots of the first 64 primes. */
static const _Alignas(16) uint32_t K[64] = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
  0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
  0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
  0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
  0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
  0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate (uint32_t x, int n) { return x >> n | x << (32 - n); }

static uint32_t read32 (const unsigned char *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 |
         p[3];
}

static void write32 (unsigned char *p, uint32_t x) {
  for (int i = 0; i < 4; i++) p[i] = (unsigned char)(x >> (24 - 8 * i));
}

/* w[0..63] from the 16 words of a block. */
static void schedule (uint32_t *w, const unsigned char *block) {
  for (int i = 0; i < 16; i++) w[i] = read32(block + 4 * i);
  for (int i = 16; i < 64; i++) {
    uint32_t a = w[i - 15], b = w[i - 2];
    uint32_t s0 = rotate(a, 7) ^ rotate(a, 18) ^ a >> 3;
    uint32_t s1 = rotate(b, 17) ^ rotate(b, 19) ^ b >> 10;
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
}

static void compress_block (uint32_t *h, const unsigned char *block) {
  uint32_t w[64];
  uint32_t a = h[0], b = h[1], c = h[2], d = h[3];
  uint32_t e = h[4], f = h[5], g = h[6], z = h[7];
  schedule(w, block);
#pragma GCC unroll 8
  for (int i = 0; i < 64; i++) {
    uint32_t s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    uint32_t s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    uint32_t t1 = z + s1 + ((e & f) ^ (~e & g)) + K[i] + w[i];
    uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    z = g, g = f, f = e, e = d + t1;
    d = c, c = b, b = a, a = t1 + t2;
  }
  h[0] += a, h[1] += b, h[2] += c, h[3] += d;
  h[4] += e, h[5] += f, h[6] += g, h[7] += z;
}

#if defined(__x86_64__) && !defined(SHA256_PLAIN)
#include <cpuid.h>
#include <immintrin.h>

/* Four words of the schedule from the sixteen before, which w holds in a
** ring. */
static __attribute__((target("sha,sse4.1"))) inline __m128i
next_words (const __m128i *w, int i) {
  const __m128i last = w[(i + 3) % 4];
  const __m128i middle = _mm_alignr_epi8(last, w[(i + 2) % 4], 4);
  const __m128i first = _mm_sha256msg1_epu32(w[i % 4], w[(i + 1) % 4]);
  return _mm_sha256msg2_epu32(_mm_add_epi32(first, middle), last);
}

/* The instructions want a, b, e, f in one register and c, d, g, h in another,
** the first letter on top. */
static __attribute__((target("sha,sse4.1"))) void
compress_fast (uint32_t *h, const unsigned char *p, size_t blocks) {
  const __m128i order =
      _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
  __m128i *state = (__m128i *)h;
  const __m128i cdab = _mm_shuffle_epi32(_mm_loadu_si128(state), 0xb1);
  const __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128(state + 1), 0x1b);
  __m128i abef = _mm_alignr_epi8(cdab, efgh, 8);
  __m128i cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);
  for (; blocks > 0; blocks--, p += 64) {
    const __m128i abef0 = abef, cdgh0 = cdgh;
    __m128i w[4];
    for (int i = 0; i < 4; i++)
      w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)p + i), order);
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++) {
      if (i >= 4) w[i % 4] = next_words(w, i);
      const __m128i k =
          _mm_add_epi32(w[i % 4], _mm_load_si128((const __m128i *)K + i));
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, k);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(k, 0x0e));
    }
    abef = _mm_add_epi32(abef, abef0);
    cdgh = _mm_add_epi32(cdgh, cdgh0);
  }
  const __m128i feba = _mm_shuffle_epi32(abef, 0x1b);
  const __m128i dchg = _mm_shuffle_epi32(cdgh, 0xb1);
  _mm_storeu_si128(state, _mm_blend_epi16(feba, dchg, 0xf0));
  _mm_storeu_si128(state + 1, _mm_alignr_epi8(dchg, feba, 8));
}

/* Asked once: a virtual machine takes its time to answer. */
static bool has_instructions (void) {
  static atomic_int known; /* 0: not asked; 1: no; 2: yes */
  unsigned a, b = 0, c, d;
  if (atomic_load(&known) == 0) {
    const bool has = __get_cpuid_count(7, 0, &a, &b, &c, &d) && b >> 29 & 1;
    atomic_store(&known, has ? 2 : 1);
  }
  return atomic_load(&known) == 2;
}
#endif

static void compress (uint32_t *h, const unsigned char *p, size_t blocks) {
#if defined(__x86_64__) && !defined(SHA256_PLAIN)
  if (has_instructions()) {
    compress_fast(h, p, blocks);
    return;
  }
#endif
  for (; blocks > 0; blocks--, p += 64) compress_block(h, p);
}

void mlpi_sha256_init (mlpi_Sha256 *s) {
  *s = (mlpi_Sha256){ .h = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                             0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 } };
}

void mlpi_sha256_update (mlpi_Sha256 *s, const void *data, size_t n) {
  const unsigned char *p = data;
  size_t used = s->n % 64;
  s->n += n;
  if (used + n < 64) {
    if (n > 0) memcpy(s->block + used, p, n);
    return;
  }
  if (used > 0) {
    memcpy(s->block + used, p, 64 - used);
    compress(s->h, s->block, 1);
    p += 64 - used, n -= 64 - used;
  }
  compress(s->h, p, n / 64);
  memcpy(s->block, p + n / 64 * 64, n % 64);
}

void mlpi_sha256_final (mlpi_Sha256 *s, unsigned char digest[32]) {
  static const unsigned char end[64] = { 0x80 };
  unsigned char bits[8];
  write32(bits, (uint32_t)(s->n >> 29));
  write32(bits + 4, (uint32_t)(s->n << 3));
  mlpi_sha256_update(s, end, 1 + (119 - s->n % 64) % 64);
  mlpi_sha256_update(s, bits, 8);
  for (int i = 0; i < 8; i++) write32(digest + 4 * i, s->h[i]);
}
