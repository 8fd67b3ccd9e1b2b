/*
** sha256_test.c - the examples of FIPS 180-4, and both ways to them: portable,
** and by the processor's instructions where this one has them.
*/
#include "base/sha256.h"

#include <stdbool.h>
#include <stdio.h>

/* The portable way, whatever the processor has. */
#define SHA256_PLAIN
#define mlpi_sha256_init   plain_init
#define mlpi_sha256_update plain_update
#define mlpi_sha256_final  plain_final
void plain_init (mlpi_Sha256 *s);
void plain_update (mlpi_Sha256 *s, const void *data, size_t n);
void plain_final (mlpi_Sha256 *s, unsigned char digest[32]);
#include "base/sha256.c"
#undef mlpi_sha256_init
#undef mlpi_sha256_update
#undef mlpi_sha256_final

static int passed, failed;

static void check (bool ok, const char *what) {
  if (ok)
    passed++;
  else
    failed++, printf("FAILED %s\n", what);
}

static void to_hex (const unsigned char *raw, char *hex) {
  for (int i = 0; i < 32; i++) snprintf(hex + 2 * i, 3, "%02x", raw[i]);
}

static bool hashes (const char *s, size_t repeat, const char *want) {
  mlpi_Sha256 h, plain;
  unsigned char raw[32], plain_raw[32];
  char hex[65], plain_hex[65];
  mlpi_sha256_init(&h);
  plain_init(&plain);
  for (size_t i = 0; i < repeat; i++) {
    mlpi_sha256_update(&h, s, strlen(s));
    plain_update(&plain, s, strlen(s));
  }
  mlpi_sha256_final(&h, raw);
  plain_final(&plain, plain_raw);
  to_hex(raw, hex);
  to_hex(plain_raw, plain_hex);
  return strcmp(hex, want) == 0 && strcmp(plain_hex, want) == 0;
}

static void test_examples (void) {
  check(hashes("", 1,
               "e3b0c44298fc1c149afbf4c8996fb924"
               "27ae41e4649b934ca495991b7852b855") &&
            hashes("abc", 1,
                   "ba7816bf8f01cfea414140de5dae2223"
                   "b00361a396177a9cb410ff61f20015ad") &&
            hashes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                   1,
                   "248d6a61d20638b8e5c026930c3e6039"
                   "a33ce45964ff2167f6ecedd419db06c1") &&
            hashes("a", 1000000,
                   "cdc76e5c9914fb9281a1c7e284d73e67"
                   "f1809a48a497200e046d39ccc7112cd0"),
        "SHA-256 gives the examples of FIPS 180-4");
}

/* Pieces of all sizes: blocks are joined, skipped and left over. */
static void test_pieces (void) {
  static unsigned char data[5000];
  for (size_t i = 0; i < sizeof data; i++)
    data[i] = (unsigned char)(i * i >> 3);
  bool same = true;
  for (size_t piece = 1; piece <= 300; piece++) {
    mlpi_Sha256 h, plain;
    unsigned char raw[32], plain_raw[32];
    mlpi_sha256_init(&h);
    plain_init(&plain);
    for (size_t at = 0; at < sizeof data; at += piece) {
      const size_t left = sizeof data - at;
      mlpi_sha256_update(&h, data + at, left < piece ? left : piece);
    }
    plain_update(&plain, data, sizeof data);
    mlpi_sha256_final(&h, raw);
    plain_final(&plain, plain_raw);
    same &= memcmp(raw, plain_raw, sizeof raw) == 0;
  }
  check(same, "SHA-256 is the same by either way, for pieces of any size");
}

int main (void) {
  test_examples();
  test_pieces();
  printf("sha256: %d passed, %d failed\n", passed, failed);
  return failed > 0;
}
