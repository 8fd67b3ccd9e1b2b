/*
** safetensors.c - the model file, above all read with care.
** The rules are those of the reference implementation and of the audit by
** Trail of Bits (2023): arrays tile the payload with no holes or overlaps,
** every size is checked before it is believed.
*/
#include "model/safetensors_parts.h"

#include "base/io.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "the payload is little-endian");

static int by_place (const void *a, const void *b) {
  const mlpi_NamedArray *x = *(mlpi_NamedArray *const *)a;
  const mlpi_NamedArray *y = *(mlpi_NamedArray *const *)b;
  const char *p = x->array.data, *q = y->array.data;
  if (p != q) return p < q ? -1 : 1;
  size_t m = array_bytes(&x->array), n = array_bytes(&y->array);
  return (m > n) - (m < n);
}

static int by_name (const void *a, const void *b) {
  const mlpi_NamedArray *x = *(mlpi_NamedArray *const *)a;
  const mlpi_NamedArray *y = *(mlpi_NamedArray *const *)b;
  return strcmp(x->name, y->name);
}

static int by_key (const void *a, const void *b) {
  const mlpi_Metadata *x = a, *y = b;
  return strcmp(x->key, y->key);
}

/* Each array begins where the one before ends; the last ends the file. */
static mlp_Status check_tiling (mlpi_HeaderReader *r) {
  mlpi_Safetensors *s = r->s;
  const char *at = s->file + s->payload;
  if (s->n > 0) qsort(s->sorted, s->n, sizeof *s->sorted, by_place);
  for (size_t i = 0; i < s->n; i++) {
    const mlpi_NamedArray *a = s->sorted[i];
    const char *begin = a->array.data;
    r->tensor = a->name;
    if (begin < at)
      return mlpi_refuse_file(r, "its data overlap another's", NULL);
    if (begin > at)
      return mlpi_refuse_file(r, "there is a hole before its data", NULL);
    at = begin + array_bytes(&a->array);
  }
  r->tensor = NULL;
  if (at != s->file + s->bytes)
    return mlpi_refuse_file(r, "bytes follow the data of its tensors", NULL);
  return MLP_OK;
}

/* No two arrays and no two keys of one name; both can be searched then. */
static mlp_Status check_duplicates (mlpi_HeaderReader *r) {
  mlpi_Safetensors *s = r->s;
  if (s->n > 0) qsort(s->sorted, s->n, sizeof *s->sorted, by_name);
  for (size_t i = 1; i < s->n; i++)
    if (strcmp(s->sorted[i - 1]->name, s->sorted[i]->name) == 0)
      return mlpi_refuse_file(r, "it has two tensors ", s->sorted[i]->name);
  if (s->n_metadata > 0)
    qsort(s->metadata, s->n_metadata, sizeof *s->metadata, by_key);
  for (size_t i = 1; i < s->n_metadata; i++)
    if (strcmp(s->metadata[i - 1].key, s->metadata[i].key) == 0)
      return mlpi_refuse_file(r, "its __metadata__ has two ",
                              s->metadata[i].key);
  return MLP_OK;
}

/* Others' files may have arrays at odd places: those get their own memory. */
static mlp_Status align (mlpi_Safetensors *s) {
  for (size_t i = 0; i < s->n; i++) {
    mlpi_Array *a = &s->arrays[i].array;
    if ((uintptr_t)a->data % mlpi_dtype_size(a->dtype) == 0) continue;
    size_t bytes = array_bytes(a);
    void *copy = mlpi_alloc(s->rt, bytes);
    if (copy == NULL) return MLP_ENOMEM;
    if (bytes > 0) memcpy(copy, a->data, bytes);
    a->data = copy;
  }
  return MLP_OK;
}

/*
** Where the header has the digits of our checksum; NULL: not our file. What
** stands before the key tells it from the end of a string with quotes in it.
*/
static char *find_checksum (const mlpi_Safetensors *s) {
  static const char key[] = "\"" MLPI_CHECKSUM_KEY "\":\"";
  const size_t n = sizeof key - 1;
  char *p = s->file + 9, *end = s->file + s->payload;
  while ((size_t)(end - p) > n + MLPI_DIGEST) {
    char *q = memchr(p, '"', (size_t)(end - p) - n - MLPI_DIGEST);
    if (q == NULL) return NULL;
    if ((q[-1] == '{' || q[-1] == ',') && memcmp(q, key, n) == 0)
      return q[n + MLPI_DIGEST] == '"' ? q + n : NULL;
    p = q + 1;
  }
  return NULL;
}

/* Has the file our checksum, and is it the right one? Looked at before the
** header is unescaped in place, reported after what says more. */
static bool verify (mlpi_Safetensors *s) {
  char hex[MLPI_DIGEST + 1], *digits = find_checksum(s);
  mlpi_Sha256 h;
  if (digits == NULL) return true;
  char *rest = digits + MLPI_DIGEST;
  mlpi_sha256_init(&h);
  mlpi_sha256_update(&h, s->file, (size_t)(digits - s->file));
  mlpi_sha256_update(&h, mlpi_zeros, MLPI_DIGEST);
  mlpi_sha256_update(&h, rest, (size_t)(s->file + s->bytes - rest));
  mlpi_hex_digest(&h, hex);
  s->verified = memcmp(hex, digits, MLPI_DIGEST) == 0;
  return s->verified;
}

/* The header's length is believed when the file has so many bytes. */
static mlp_Status check_length (mlpi_HeaderReader *r) {
  mlpi_Safetensors *s = r->s;
  uint64_t length;
  if (s->bytes < 8 + 2)
    return mlpi_refuse_file(r, "it is too short for a safetensors file", NULL);
  memcpy(&length, s->file, sizeof length);
  if (length < 2 || length > MLPI_HEADER_MAX)
    return mlpi_refuse_file(
        r, "the length of its header is not in 2..100000000", NULL);
  if (length > s->bytes - 8)
    return mlpi_refuse_file(r, "its header ends behind the end of the file",
                            NULL);
  s->payload = 8 + (size_t)length;
  r->p = s->file + 8;
  r->end = s->file + s->payload;
  return MLP_OK;
}

static mlp_Status sort_arrays (mlpi_Safetensors *s) {
  s->sorted = mlpi_calloc(s->rt, s->n, sizeof *s->sorted);
  if (s->sorted == NULL) return MLP_ENOMEM;
  for (size_t i = 0; i < s->n; i++) s->sorted[i] = &s->arrays[i];
  return MLP_OK;
}

static mlp_Status check_all (mlpi_HeaderReader *r) {
  bool whole_file = verify(r->s);
  mlp_Status status = mlpi_read_header(r);
  if (status == MLP_OK) status = sort_arrays(r->s);
  if (status == MLP_OK) status = check_tiling(r);
  if (status == MLP_OK) status = check_duplicates(r);
  if (status != MLP_OK || whole_file) return status;
  return mlpi_refuse_file(
      r,
      "its checksum differs: it was damaged, or changed by a "
      "program that kept the metadata " MLPI_CHECKSUM_KEY,
      NULL);
}

static mlp_Status read_all (mlpi_HeaderReader *r) {
  mlpi_Safetensors *s = r->s;
  mlp_Status status =
      mlpi_read_file(s->rt, r->who, r->path, 0, &s->file, &s->bytes);
  if (status == MLP_OK) status = check_length(r);
  if (status == MLP_OK) status = check_all(r);
  return status == MLP_OK ? align(s) : status;
}

mlp_Status mlpi_safetensors_read (mlp_Runtime *rt, const char *who,
                                  const char *path, mlpi_Safetensors **out) {
  *out = NULL;
  mlpi_Safetensors *s = mlpi_calloc(rt, 1, sizeof *s);
  if (s == NULL) return MLP_ENOMEM;
  s->rt = rt;
  mlpi_HeaderReader r = { .s = s, .who = who, .path = path };
  mlp_Status status = read_all(&r);
  if (status == MLP_OK)
    *out = s;
  else
    mlpi_safetensors_free(s);
  return status;
}

void mlpi_safetensors_free (mlpi_Safetensors *s) {
  if (s == NULL) return;
  mlp_Runtime *rt = s->rt;
  const uintptr_t file = (uintptr_t)s->file;
  for (size_t i = 0; i < s->n; i++) { /* what 'align' has copied */
    mlpi_Array *a = &s->arrays[i].array;
    if ((uintptr_t)a->data - file > s->bytes)
      mlpi_free(rt, a->data, array_bytes(a));
  }
  mlpi_free(rt, s->sorted, s->n * sizeof *s->sorted);
  mlpi_free(rt, s->arrays, s->arrays_size * sizeof *s->arrays);
  mlpi_free(rt, s->metadata, s->metadata_size * sizeof *s->metadata);
  if (s->file != NULL) mlpi_free(rt, s->file, s->bytes + 1);
  mlpi_free(rt, s, sizeof *s);
}

const mlpi_NamedArray *mlpi_safetensors_item (const mlpi_Safetensors *s,
                                              const char *name) {
  mlpi_NamedArray key = { .name = name }, *p = &key;
  mlpi_NamedArray **at =
      s->n == 0 ? NULL
                : bsearch(&p, s->sorted, s->n, sizeof *s->sorted, by_name);
  return at == NULL ? NULL : *at;
}

const mlpi_Array *mlpi_safetensors_find (const mlpi_Safetensors *s,
                                         const char *name) {
  const mlpi_NamedArray *item = mlpi_safetensors_item(s, name);
  return item == NULL ? NULL : &item->array;
}

const char *mlpi_safetensors_metadata (const mlpi_Safetensors *s,
                                       const char *key) {
  mlpi_Metadata wanted = { .key = key }, *at = NULL;
  if (s->n_metadata > 0)
    at = bsearch(&wanted, s->metadata, s->n_metadata, sizeof wanted, by_key);
  return at == NULL ? NULL : at->value;
}
