/*
** sha256.h - SHA-256 (FIPS 180-4).
*/
#ifndef sha256_h
#define sha256_h

#include <stddef.h>
#include <stdint.h>

typedef struct mlpi_Sha256 {
  uint32_t h[8];
  uint64_t n; /* bytes so far */
  unsigned char block[64];
} mlpi_Sha256;

void mlpi_sha256_init (mlpi_Sha256 *s);
void mlpi_sha256_update (mlpi_Sha256 *s, const void *data, size_t n);
void mlpi_sha256_final (mlpi_Sha256 *s, unsigned char digest[32]);

#endif
