/*
** safetensors_parts.h - what the three safetensors*.c files share: the types of
** elements, the digest, and the reader of a header.
*/
#ifndef safetensors_parts_h
#define safetensors_parts_h

#include "model/safetensors.h"
#include "base/sha256.h"

enum { MLPI_HEADER_MAX = 100000000, MLPI_DIGEST = 64, MLPI_ELEMENTS = 4 };

/* The types of elements by their names in the format. */
extern const struct mlpi_Element {
  const char *name;
  mlp_Dtype dtype;
} mlpi_elements[MLPI_ELEMENTS];

extern const char mlpi_zeros[MLPI_DIGEST + 1]; /* '0', as long as a digest */

void mlpi_hex_digest (mlpi_Sha256 *h, char hex[MLPI_DIGEST + 1]);

typedef struct mlpi_HeaderReader {
  mlpi_Safetensors *s;
  const char *who, *path;
  char *p, *end;      /* what is left of the header */
  const char *tensor; /* whose entry this is, for messages; or NULL */
} mlpi_HeaderReader;

/* "load: cannot read 'x': tensor 'w': <rule>"; 'got' follows the rule. */
mlp_Status mlpi_refuse_file (const mlpi_HeaderReader *r, const char *rule,
                             const char *got);

/* The whole header, from r->p to r->end: arrays and metadata of r->s, each
** entry checked against the size of the file. Strings are unescaped where they
** stand. */
mlp_Status mlpi_read_header (mlpi_HeaderReader *r);

static inline size_t array_bytes (const mlpi_Array *a) {
  return mlpi_count(a) * mlpi_dtype_size(a->dtype);
}

#endif
