/*
** text.c - growing strings, numbers as text, names in messages.
** Numbers avoid the locale by never showing a decimal point to the C
** library: digits and a power of ten go in and out. The short cut for small
** numbers is Clinger 1990, "How to read floating point numbers accurately".
*/
#include "base/text.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void mlpi_text_init (mlpi_Text *t, mlp_Runtime *rt) {
  *t = (mlpi_Text){ .rt = rt };
}

void mlpi_text_free (mlpi_Text *t) {
  mlpi_free(t->rt, t->s, t->size);
  mlpi_text_init(t, t->rt);
}

mlp_Status mlpi_text_status (const mlpi_Text *t) {
  return t->failed ? MLP_ENOMEM : MLP_OK;
}

/* Room for n more bytes and a NUL; false, once and for all, where not. */
static bool reserve (mlpi_Text *t, size_t n) {
  if (t->failed) return false;
  if (n < t->size - t->n) return true;
  size_t size = t->size < 64 ? 64 : t->size;
  while (size - t->n <= n && size <= SIZE_MAX / 2) size *= 2;
  char *s = mlpi_realloc(t->rt, t->s, t->size, size);
  t->failed = s == NULL || size - t->n <= n;
  if (s == NULL) return false;
  t->s = s;
  t->size = size;
  return !t->failed;
}

void mlpi_text_bytes (mlpi_Text *t, const void *p, size_t n) {
  if (!reserve(t, n)) return;
  if (n > 0) memcpy(t->s + t->n, p, n);
  t->n += n;
  t->s[t->n] = '\0';
}

void mlpi_text_add (mlpi_Text *t, const char *s) {
  mlpi_text_bytes(t, s, strlen(s));
}

/* One conversion; returns the position behind it. */
static const char *convert (mlpi_Text *t, const char *p, va_list *ap) {
  char buf[MLPI_NUMBER_TEXT];
  switch (*p) {
  case '%':
    mlpi_text_add(t, "%");
    break;
  case 's':
    mlpi_text_add(t, va_arg(*ap, const char *));
    break;
  case 'c':
    buf[0] = (char)va_arg(*ap, int);
    mlpi_text_bytes(t, buf, 1);
    break;
  case 'd':
    snprintf(buf, sizeof buf, "%d", va_arg(*ap, int));
    mlpi_text_add(t, buf);
    break;
  case 'g':
    mlpi_text_add(t, mlpi_number_text(va_arg(*ap, double), buf));
    break;
  default:
    assert(p[0] == 'z' && p[1] == 'u');
    snprintf(buf, sizeof buf, "%zu", va_arg(*ap, size_t));
    mlpi_text_add(t, buf);
    return p + 2;
  }
  return p + 1;
}

void mlpi_text_format (mlpi_Text *t, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  while (*fmt != '\0') {
    size_t plain = strcspn(fmt, "%");
    mlpi_text_bytes(t, fmt, plain);
    fmt += plain;
    if (*fmt == '%') fmt = convert(t, fmt + 1, &ap);
  }
  va_end(ap);
}

/* The significant digits of a number, without leading zeros, and its power
** of ten: 0.d1d2... * 10^point. */
enum { DIGITS = 800 }; /* 767 decide every rounding, one more says "and some" */
typedef struct Decimal {
  char digit[DIGITS + 1];
  int n;         /* digits kept */
  int64_t point; /* where the decimal point is, from the first digit */
} Decimal;

/* A digit at the end. What does not fit matters only by not being zero. */
static void push (Decimal *d, char c) {
  if (d->n < DIGITS)
    d->digit[d->n++] = c;
  else if (c != '0')
    d->digit[DIGITS - 1] = '1';
}

/* Digits from s to end into d; returns where they stop. */
static const char *scan_digits (const char *s, const char *end, Decimal *d,
                                bool fraction) {
  for (; s < end && *s >= '0' && *s <= '9'; s++) {
    bool leading = d->n == 0 && *s == '0';
    if (!leading) push(d, *s);
    if (fraction)
      d->point -= leading;
    else
      d->point += !leading;
  }
  return s;
}

/* "e+12"; false where that is begun but not ended. Huge ones saturate. */
static bool scan_exponent (const char *s, const char *end, int64_t *e) {
  bool negative = false;
  *e = 0;
  if (s == end) return true;
  if (*s++ != 'e' && s[-1] != 'E') return false;
  if (s < end && (*s == '+' || *s == '-')) negative = *s++ == '-';
  if (s == end) return false;
  for (; s < end; s++) {
    if (*s < '0' || *s > '9') return false;
    if (*e < INT64_MAX / 100) *e = *e * 10 + (*s - '0');
  }
  if (negative) *e = -*e;
  return true;
}

/* m * 10^e where both are exact doubles: then one rounding, the right one. */
static bool small_number (const Decimal *d, int64_t e, double *out) {
  static const double ten[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
  int64_t m = 0;
  if (d->n > 15 || e < -22 || e > 22) return false;
  for (int i = 0; i < d->n; i++) m = m * 10 + (d->digit[i] - '0');
  *out = e < 0 ? (double)m / ten[-e] : (double)m * ten[e];
  return true;
}

bool mlpi_parse_number (const char *s, size_t n, double *out) {
  const char *end = s + n;
  char text[DIGITS + 32];
  Decimal d;
  int64_t e;
  bool negative = false;
  d.n = 0;
  d.point = 0;
  if (s < end && (*s == '-' || *s == '+')) negative = *s++ == '-';
  const char *first = s;
  s = scan_digits(s, end, &d, false);
  ptrdiff_t count = s - first;
  if (s < end && *s == '.') {
    first = ++s;
    s = scan_digits(s, end, &d, true);
    count += s - first;
  }
  if (count == 0 || !scan_exponent(s, end, &e)) return false;
  e += d.point - d.n;
  if (d.n == 0)
    *out = 0;
  else if (!small_number(&d, e, out)) {
    if (e > 99999) e = 99999;
    if (e < -99999) e = -99999;
    d.digit[d.n] = '\0';
    snprintf(text, sizeof text, "%se%d", d.digit, (int)e);
    *out = strtod(text, NULL);
  }
  if (negative) *out = -*out;
  return isfinite(*out);
}

/* Lay n digits with the point after the first and an exponent out like %g. */
static void lay_out (const char *digit, int n, int exponent, char *buf) {
  if (exponent < -4 || exponent >= 17) {
    snprintf(buf, MLPI_NUMBER_TEXT - 1, "%c%s%.*se%+03d", digit[0],
             n > 1 ? "." : "", n - 1, digit + 1, exponent);
  } else if (exponent < 0) {
    snprintf(buf, MLPI_NUMBER_TEXT - 1, "0.%.*s%.*s", -1 - exponent, "000", n,
             digit);
  } else if (n > exponent + 1) {
    snprintf(buf, MLPI_NUMBER_TEXT - 1, "%.*s.%.*s", exponent + 1, digit,
             n - exponent - 1, digit + exponent + 1);
  } else {
    snprintf(buf, MLPI_NUMBER_TEXT - 1, "%.*s%.*s", n, digit, exponent + 1 - n,
             "0000000000000000");
  }
}

/* |x|, finite, to 'precision' significant digits, zeros at the end dropped. */
static void format_digits (double x, int precision, char *buf) {
  char text[64], digit[24];
  int n = 0;
  const char *p = text;
  snprintf(text, sizeof text, "%.*e", precision - 1, x);
  for (; *p != 'e'; p++) /* whatever stands for the decimal point is skipped */
    if (*p >= '0' && *p <= '9') digit[n++] = *p;
  while (n > 1 && digit[n - 1] == '0') n--;
  digit[n] = '\0';
  lay_out(digit, n, atoi(p + 1), buf);
}

static bool is_same (double back, double x, bool single) {
  return single ? (float)back == (float)x : back == x;
}

/* x with the fewest digits, of 'least' to 'most', that read back as x. */
static char *shortest (double x, int least, int most, char *buf) {
  const bool single = most < 10;
  char *p = buf;
  double back;
  if (isnan(x)) return strcpy(buf, "nan");
  if (signbit(x)) *p++ = '-';
  x = fabs(x);
  if (isinf(x)) {
    strcpy(p, "inf");
    return buf;
  }
  for (int precision = least; precision <= most; precision++) {
    format_digits(x, precision, p);
    if (mlpi_parse_number(p, strlen(p), &back) && is_same(back, x, single))
      break;
  }
  return buf;
}

char *mlpi_number_text (double x, char buf[MLPI_NUMBER_TEXT]) {
  return shortest(x, 15, 17, buf);
}

char *mlpi_float_text (float x, char buf[MLPI_NUMBER_TEXT]) {
  return shortest((double)x, 6, 9, buf);
}

size_t mlpi_utf8_length (const char *text) {
  static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
  const unsigned char *s = (const unsigned char *)text;
  if (s[0] < 0x80) return 1;
  if (s[0] < 0xc2 || s[0] > 0xf4) return 0;
  size_t n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
  uint32_t c = s[0] & (0xffu >> (n + 1));
  for (size_t i = 1; i < n; i++) {
    if ((s[i] & 0xc0) != 0x80) return 0;
    c = c << 6 | (s[i] & 0x3f);
  }
  bool surrogate = c >= 0xd800 && c < 0xe000;
  return c < least[n] || c > 0x10ffff || surrogate ? 0 : n;
}

/* The same, and 0 for the control characters of ASCII and Latin-1. */
static size_t printable_length (const char *text) {
  const unsigned char *s = (const unsigned char *)text;
  if (s[0] < 0x20 || s[0] == 0x7f || (s[0] == 0xc2 && s[1] < 0xa0)) return 0;
  return mlpi_utf8_length(text);
}

char *mlpi_quote (const char *s, char buf[MLPI_QUOTED]) {
  enum { WHOLE = 160, HEAD = 60, TAIL = 90 };
  const char *p = s, *end = p + strlen(s);
  const char *skip = end - p > WHOLE ? p + HEAD : end;
  char *q = buf;
  *q++ = '\'';
  while (p < end) {
    size_t n = printable_length(p);
    if (p >= skip) { /* the middle of a long one */
      p = end - TAIL;
      while ((*p & 0xc0) == 0x80) p++;
      skip = end;
      q += sprintf(q, "...");
    } else if (n == 0)
      q += sprintf(q, "\\x%02x", (unsigned char)*p++);
    else
      while (n-- > 0) *q++ = *p++;
  }
  strcpy(q, "'");
  return buf;
}
