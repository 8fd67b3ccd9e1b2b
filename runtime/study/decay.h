/*
** decay.h - level 6: exp(-r) for r >= 0, from + - * alone: half of the work of
** a Gaussian process. Without branches, so that compilers make vectors of a
** loop over it. To 2 units in the last place; less than exp(-700) is that.
*/
#ifndef decay_h
#define decay_h

#include <stdint.h>
#include <string.h>

/* r = k ln 2 - x with |x| <= ln(2) / 2, where k is the whole number nearest to
** r / ln 2: adding 1.5 * 2^52 leaves it in the last bits. ln 2 in two parts,
** the first so short that its multiples are exact. */
static inline double mlpi_decay (double r) {
  const double limited = r < 700 ? r : 700;
  const double shifted = limited * 0x1.71547652b82fep+0 + 0x1.8p52;
  const double k = shifted - 0x1.8p52;
  const double x = (k * 0x1.62e42feep-1 - limited) + k * 0x1.a39ef35793c76p-33;
  double p = 1.0 / 479001600; /* 1/12!, 1/11!... of the exponential series */
  p = p * x + 1.0 / 39916800;
  p = p * x + 1.0 / 3628800;
  p = p * x + 1.0 / 362880;
  p = p * x + 1.0 / 40320;
  p = p * x + 1.0 / 5040;
  p = p * x + 1.0 / 720;
  p = p * x + 1.0 / 120;
  p = p * x + 1.0 / 24;
  p = p * x + 1.0 / 6;
  p = p * x + 0.5;
  p = 1 + (x + x * x * p);
  uint64_t bits;
  double power; /* 2^-k, made of its exponent */
  memcpy(&bits, &shifted, sizeof bits);
  bits = (1023 - bits) << 52;
  memcpy(&power, &bits, sizeof power);
  return p * power;
}

#endif
