/*
** random.c - Philox4x32-10 and what is drawn from it.
** Constants: Salmon et al. 2011, table 2 and section 3.3. Normal numbers:
** Wichura 1988, algorithm AS 241 (PPND16), relative error about 1e-16; only
** exactly rounded operations, so that every machine draws the same bits.
*/
#include "base/random.h"
#include "base/fmath.h"

#include <math.h>
#include <string.h>

static void rounds (uint32_t c[4], uint32_t k0, uint32_t k1) {
  for (int i = 0; i < 10; i++) {
    uint64_t p0 = (uint64_t)0xD2511F53u * c[0];
    uint64_t p1 = (uint64_t)0xCD9E8D57u * c[2];
    uint32_t c1 = c[1], c3 = c[3];
    c[0] = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
    c[1] = (uint32_t)p1;
    c[2] = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
    c[3] = (uint32_t)p0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
}

/* The coordinates are hashed by Philox itself into the key of the stream. */
mlpi_Stream mlpi_stream (uint64_t seed, uint32_t model, uint32_t layer,
                         uint32_t purpose, uint64_t step) {
  uint32_t c[4] = { model, layer, purpose, 0x6d6c7072u }; /* "mlpr" */
  rounds(c, (uint32_t)seed, (uint32_t)(seed >> 32));
  return (mlpi_Stream){ .key = { c[0], c[1] }, .step = step };
}

void mlpi_philox (const mlpi_Stream *s, uint64_t index, uint32_t out[4]) {
  out[0] = (uint32_t)index;
  out[1] = (uint32_t)(index >> 32);
  out[2] = (uint32_t)s->step;
  out[3] = (uint32_t)(s->step >> 32);
  rounds(out, s->key[0], s->key[1]);
}

/* 64 random bits: half a block. */
static uint64_t bits64 (const mlpi_Stream *s, uint64_t i) {
  uint32_t w[4];
  mlpi_philox(s, i / 2, w);
  int h = (int)(i % 2) * 2;
  return (uint64_t)w[h] << 32 | w[h + 1];
}

double mlpi_uniform (const mlpi_Stream *s, uint64_t i) {
  return (double)(bits64(s, i) >> 11) * 0x1p-53;
}

static double ratio (double r, const double *a, const double *b) {
  double num = a[7], den = b[7];
  for (int i = 6; i >= 0; i--) {
    num = num * r + a[i];
    den = den * r + b[i];
  }
  return num / den;
}

/* The inverse of the normal distribution function, 0 < p < 1. */
static double inverse_normal (double p) {
  static const double a[] = {
    3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
    1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
    3.3430575583588128105e4, 2.5090809287301226727e3
  };
  static const double b[] = { 1.0,
                              4.2313330701600911252e1,
                              6.8718700749205790830e2,
                              5.3941960214247511077e3,
                              2.1213794301586595867e4,
                              3.9307895800092710610e4,
                              2.8729085735721942674e4,
                              5.2264952788528545610e3 };
  static const double c[] = {
    1.42343711074968357734e0,  4.63033784615654529590e0,
    5.76949722146069140550e0,  3.64784832476320460504e0,
    1.27045825245236838258e0,  2.41780725177450611770e-1,
    2.27238449892691845833e-2, 7.74545014278341407640e-4
  };
  static const double d[] = { 1.0,
                              2.05319162663775882187e0,
                              1.67638483018380384940e0,
                              6.89767334985100004550e-1,
                              1.48103976427480074590e-1,
                              1.51986665636164571966e-2,
                              5.47593808499534494600e-4,
                              1.05075007164441684324e-9 };
  static const double e[] = {
    6.65790464350110377720e0,  5.46378491116411436990e0,
    1.78482653991729133580e0,  2.96560571828504891230e-1,
    2.65321895265761230930e-2, 1.24266094738807843860e-3,
    2.71155556874348757815e-5, 2.01033439929228813265e-7
  };
  static const double f[] = { 1.0,
                              5.99832206555887937690e-1,
                              1.36929880922735805310e-1,
                              1.48753612908506148525e-2,
                              7.86869131145613259100e-4,
                              1.84631831751005468180e-5,
                              1.42151175831644588870e-7,
                              2.04426310338993978564e-15 };
  double q = p - 0.5;
  if (fabs(q) <= 0.425) return q * ratio(0.180625 - q * q, a, b);
  double r = sqrt(-mlpi_ln(q < 0 ? p : 1 - p));
  r = r <= 5 ? ratio(r - 1.6, c, d) : ratio(r - 5, e, f);
  return q < 0 ? -r : r;
}

/* A uniform number strictly inside (0, 1): the middle of its cell. */
static double open_uniform (const mlpi_Stream *s, uint64_t i) {
  return ((double)(bits64(s, i) >> 12) + 0.5) * 0x1p-52;
}

double mlpi_normal (const mlpi_Stream *s, uint64_t i) {
  return inverse_normal(open_uniform(s, i));
}

double mlpi_truncated_normal (const mlpi_Stream *s, uint64_t i) {
  const double low = 0.02275013194817920720; /* P(x < -2) */
  return inverse_normal(low + open_uniform(s, i) * (1 - 2 * low));
}

/* 64-bit numbers of a stream in order, two to a block. Blocks are made side by
** side: the steps of one wait for each other. */
enum { BLOCKS = 4 };
typedef struct Draws {
  const mlpi_Stream *s;
  uint64_t next;
  uint64_t at[2 * BLOCKS];
} Draws;

static void draw_blocks (Draws *d) {
  uint32_t a[BLOCKS], b[BLOCKS], e[BLOCKS], f[BLOCKS];
  uint32_t k0 = d->s->key[0], k1 = d->s->key[1];
  for (int j = 0; j < BLOCKS; j++) {
    const uint64_t index = d->next / 2 + (uint64_t)j;
    a[j] = (uint32_t)index, b[j] = (uint32_t)(index >> 32);
    e[j] = (uint32_t)d->s->step, f[j] = (uint32_t)(d->s->step >> 32);
  }
  for (int i = 0; i < 10; i++, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u)
    for (int j = 0; j < BLOCKS; j++) {
      const uint64_t p0 = (uint64_t)0xD2511F53u * a[j];
      const uint64_t p1 = (uint64_t)0xCD9E8D57u * e[j];
      a[j] = (uint32_t)(p1 >> 32) ^ b[j] ^ k0;
      b[j] = (uint32_t)p1;
      e[j] = (uint32_t)(p0 >> 32) ^ f[j] ^ k1;
      f[j] = (uint32_t)p0;
    }
  for (int j = 0; j < BLOCKS; j++) {
    d->at[2 * j] = (uint64_t)a[j] << 32 | b[j];
    d->at[2 * j + 1] = (uint64_t)e[j] << 32 | f[j];
  }
}

static uint64_t draw (Draws *d) {
  const uint64_t i = d->next % (2 * BLOCKS);
  if (i == 0) draw_blocks(d);
  d->next++;
  return d->at[i];
}

/* A number in [0, n), unbiased: the multiply-shift method of Lemire 2019. */
static uint64_t below (Draws *d, uint64_t n) {
  for (;;) {
    __uint128_t m = (__uint128_t)draw(d) * n;
    if ((uint64_t)m >= n || (uint64_t)m >= (0 - n) % n)
      return (uint64_t)(m >> 64);
  }
}

void mlpi_permutation (const mlpi_Stream *s, size_t n, size_t *perm) {
  Draws d = { .s = s };
  for (size_t i = 0; i < n; i++) perm[i] = i;
  for (size_t i = n; i > 1; i--) {
    size_t j = below(&d, i), t = perm[i - 1];
    perm[i - 1] = perm[j];
    perm[j] = t;
  }
}
