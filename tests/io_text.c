/*
** io_text.c - numbers and names as text: read, written, and the same whatever
** the host's locale.
*/
#define _XOPEN_SOURCE 700

#include "check.h"
#include "base/text.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool number (const char *s, double want) {
  double got = 42;
  bool ok = mlpi_parse_number(s, strlen(s), &got);
  return expect(ok && memcmp(&got, &want, sizeof got) == 0, s, 0);
}

static void test_numbers (void) {
  static const char *const bad[] = { "",    "-",    "+",     ".",       "-.",
                                     "e5",  "1e",   "1e+",   " 1",      "1 ",
                                     "1,5", "0x10", "nan",   "inf",     "1.5.2",
                                     "--1", "1e5x", "1e400", "-1e999",  "1_0",
                                     "١",   "1f",   "1e1.5", "infinity" };
  bool ok = true;
  double x;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    ok &= expect(!mlpi_parse_number(bad[i], strlen(bad[i]), &x), bad[i], 0);
  ok &= !mlpi_parse_number("1\0002", 3, &x);
  check(ok, "#D08 what is not wholly a number is refused");
  check(number("0", 0) && number("-0", -0.0) && number("+7.", 7) &&
            number(".5", 0.5) && number("-1.5e3", -1500) &&
            number("1E-2", 0.01) && number("0.1", 0.1) &&
            number("000123.4500", 123.45) && number("1e-999999999999", 0) &&
            number("0e999999999999999999999", 0),
        "#D08 decimal numbers are read");
  /* Clinger's and Gay's hard cases; the values are the C compiler's. */
  check(number("9007199254740993", 9007199254740992.0) &&
            number("9007199254740993.00000000000000000000000000000000000001",
                   9007199254740994.0) &&
            number("2.2250738585072011e-308", 2.2250738585072011e-308) &&
            number("1.7976931348623157e308", 1.7976931348623157e308) &&
            number("4.9406564584124654e-324", 4.9406564584124654e-324) &&
            number("2.4703282292062327e-324", 0) &&
            number("6.631236846766476e-316", 6.631236846766476e-316) &&
            number("1e23", 1e23) && number("8.5e22", 8.5e22),
        "#D08 rounding is right in the hard cases");
  char *text = malloc(2000);
  memset(text, '0', 2000);
  text[0] = '1', text[1] = '.';
  ok = mlpi_parse_number(text, 2000, &x) && x == 1;
  /* 1 + 2^-53 lies between two doubles: one more bit far behind decides. */
  memcpy(text, "1.00000000000000011102230246251565404236316680908203125", 55);
  ok &= mlpi_parse_number(text, 2000, &x) && x == 1;
  text[1999] = '1';
  ok &= mlpi_parse_number(text, 2000, &x) && x > 1;
  memset(text, '0', 1000);
  text[1] = '.';
  memcpy(text + 1000, "5e999", 5);
  ok &= mlpi_parse_number(text, 1005, &x) && x == 5;
  check(ok, "#D08 two thousand digits are read");
  free(text);
}

static uint64_t next_bits (uint64_t *s) { /* xorshift64*, Vigna 2016 */
  *s ^= *s >> 12;
  *s ^= *s << 25;
  *s ^= *s >> 27;
  return *s * 2685821657736338717u;
}

/* Random doubles of all sizes there and back; strtod's opinion too. */
static bool round_trip (int n, bool ask_strtod) {
  char buf[MLPI_NUMBER_TEXT];
  uint64_t seed = 1;
  for (int i = 0; i < n; i++) {
    double x, back;
    uint64_t bits = next_bits(&seed);
    memcpy(&x, &bits, sizeof x);
    if (i % 2) x = (double)(int64_t)bits / 9007199254740992.0 / 1000;
    if (i % 16 == 3) x = (double)(bits % 100000) / 1000;
    if (!isfinite(x)) continue;
    mlpi_number_text(x, buf);
    bool ok = mlpi_parse_number(buf, strlen(buf), &back) && back == x;
    if (ask_strtod) ok = ok && strtod(buf, NULL) == x;
    if (!expect(ok && strchr(buf, ',') == NULL, buf, i)) return false;
  }
  return true;
}

static void test_number_text (void) {
  static const struct {
    double x;
    const char *text;
  } known[] = { { 0, "0" },
                { -0.0, "-0" },
                { 1, "1" },
                { 0.1, "0.1" },
                { -2.5, "-2.5" },
                { 100, "100" },
                { 1e-4, "0.0001" },
                { 1e-5, "1e-05" },
                { 1e15, "1000000000000000" },
                { 1e22, "1e+22" },
                { 1.0 / 3, "0.3333333333333333" },
                { NAN, "nan" },
                { INFINITY, "inf" },
                { -INFINITY, "-inf" },
                { 9007199254740993e3, "9.007199254740993e+18" },
                { 1.7976931348623157e308, "1.7976931348623157e+308" } };
  char buf[MLPI_NUMBER_TEXT];
  bool ok = true;
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    ok &= expect(strcmp(mlpi_number_text(known[i].x, buf), known[i].text) == 0,
                 buf, (long)i);
  check(ok, "numbers are written like %g");
  check(round_trip(50000, true), "every double reads back as itself");
}

/* A locale with a decimal comma: installed, or made for the occasion. */
static bool comma_locale (void) {
  char command[700];
  if (setlocale(LC_ALL, "de_DE.UTF-8") != NULL) return true;
  snprintf(command, sizeof command,
           "localedef -i de_DE -f UTF-8 '%s/de_DE.UTF-8' >/dev/null 2>&1",
           folder);
  if (system(command) != 0) return false;
  setenv("LOCPATH", folder, 1);
  bool found = setlocale(LC_ALL, "de_DE.UTF-8") != NULL;
  snprintf(command, sizeof command, "rm -r '%s/de_DE.UTF-8'", folder);
  return system(command) == 0 && found;
}

static void test_locale (void) {
  if (!comma_locale()) {
    printf("  skipped: no locale with a decimal comma can be had\n");
    skipped++;
    return;
  }
  char buf[MLPI_NUMBER_TEXT];
  snprintf(buf, sizeof buf, "%.1f", 1.5);
  check(strcmp(buf, "1,5") == 0 && round_trip(20000, false) &&
            number("1.5e-30", 1.5e-30) &&
            number("9007199254740993.5", 9007199254740994.0) &&
            !mlpi_parse_number("1,5", 3, &(double){ 0 }),
        "#D08 a host with a decimal comma changes nothing");
  setlocale(LC_ALL, "C");
}

static mlp_Status build_text (void) {
  mlpi_Text t;
  mlpi_text_init(&t, rt);
  for (int i = 0; i < 100; i++)
    mlpi_text_format(&t, "%s=%d %zu%c%%|%g;", "key", -i, (size_t)i, 'c',
                     i / 4.0);
  mlp_Status status = mlpi_text_status(&t);
  if (status == MLP_OK &&
      (strncmp(t.s, "key=0 0c%|0;key=-1 1c%|0.25;", 28) || strlen(t.s) != t.n))
    status = MLP_ESTATE;
  mlpi_text_free(&t);
  return status;
}

static bool quotes (const char *s, const char *want) {
  char buf[MLPI_QUOTED];
  return expect(strcmp(mlpi_quote(s, buf), want) == 0, buf, 0);
}

static void test_text (void) {
  char buf[MLPI_QUOTED], longest[1000];
  check(build_text() == MLP_OK, "text is formatted");
  check(survives_no_memory(build_text), "#K06 text without memory");
  check(quotes("a b", "'a b'") && quotes("", "''") &&
            quotes("a\n\x1b[31m\x7f", "'a\\x0a\\x1b[31m\\x7f'") &&
            quotes("Zo\xc3\xab \xe2\x82\xac \xf0\x9f\x98\x80",
                   "'Zo\xc3\xab \xe2\x82\xac \xf0\x9f\x98\x80'") &&
            quotes("\xff\xc3", "'\\xff\\xc3'") &&
            quotes("\xc0\x80\xed\xa0\x80\xf4\x90\x80\x80\xc2\x85",
                   "'\\xc0\\x80\\xed\\xa0\\x80\\xf4\\x90\\x80\\x80\\xc2\\x85'"),
        "names in messages are printable UTF-8");
  memset(longest, '\x01', 999);
  longest[999] = '\0';
  check(strlen(mlpi_quote(longest, buf)) == 4 * 150 + 5,
        "a long name loses its middle");
}

void test_texts (void) {
  test_numbers();
  test_number_text();
  test_locale();
  test_text();
}
