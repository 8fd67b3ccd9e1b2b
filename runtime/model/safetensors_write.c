/*
** safetensors_write.c - the model file, written: equal arguments make equal
** bytes.
*/
#include "model/safetensors_parts.h"

#include "base/io.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* A JSON string. Characters above ASCII stay as they are. */
static mlp_Status put_string (mlpi_Text *t, const char *who, const char *s) {
  static const char digit[] = "0123456789abcdef";
  char quoted[MLPI_QUOTED];
  mlpi_text_add(t, "\"");
  for (const char *p = s; *p != '\0';) {
    size_t n = mlpi_utf8_length(p);
    if (n == 0)
      return mlpi_error(t->rt, MLP_EARG, "%s: expected names in UTF-8, got %s",
                        who, mlpi_quote(s, quoted));
    if (*p == '"' || *p == '\\')
      mlpi_text_format(t, "\\%c", *p);
    else if ((unsigned char)*p < 0x20)
      mlpi_text_format(t, "\\u00%c%c", digit[*p >> 4], digit[*p & 15]);
    else
      mlpi_text_bytes(t, p, n);
    p += n;
  }
  mlpi_text_add(t, "\"");
  return MLP_OK;
}

/* The metadata, our checksum last; *digest is where its digits go. */
static mlp_Status put_metadata (mlpi_Text *t, const char *who, size_t n,
                                const mlpi_Metadata *m, size_t *digest) {
  mlpi_text_add(t, "{\"__metadata__\":{");
  for (size_t i = 0; i < n; i++) {
    mlp_Status status = put_string(t, who, m[i].key);
    mlpi_text_add(t, ":");
    if (status == MLP_OK) status = put_string(t, who, m[i].value);
    if (status != MLP_OK) return status;
    mlpi_text_add(t, ",");
  }
  mlpi_text_add(t, "\"" MLPI_CHECKSUM_KEY "\":\"");
  *digest = t->n;
  mlpi_text_format(t, "%s\"}", mlpi_zeros);
  return MLP_OK;
}

static mlp_Status put_entry (mlpi_Text *t, const char *who,
                             const mlpi_NamedArray *a, size_t *offset) {
  mlpi_text_add(t, ",");
  mlp_Status status = put_string(t, who, a->name);
  for (int i = 0; i < MLPI_ELEMENTS; i++)
    if (mlpi_elements[i].dtype == a->array.dtype)
      mlpi_text_format(t, ":{\"dtype\":\"%s\",\"shape\":[",
                       mlpi_elements[i].name);
  for (int i = 0; i < a->array.ndim; i++)
    mlpi_text_format(t, "%s%zu", i > 0 ? "," : "", a->array.shape[i]);
  size_t end = *offset + array_bytes(&a->array);
  mlpi_text_format(t, "],\"data_offsets\":[%zu,%zu]}", *offset, end);
  *offset = end;
  return status;
}

/* Length and header in one text, padded so that the payload is aligned. */
static mlp_Status put_header (mlpi_Text *t, const char *who, size_t n,
                              const mlpi_NamedArray *arrays, size_t n_metadata,
                              const mlpi_Metadata *metadata, size_t *digest) {
  size_t offset = 0;
  mlpi_text_bytes(t, mlpi_zeros, 8);
  mlp_Status status = put_metadata(t, who, n_metadata, metadata, digest);
  for (size_t i = 0; i < n && status == MLP_OK; i++)
    status = put_entry(t, who, &arrays[i], &offset);
  mlpi_text_add(t, "}");
  while (t->n % 8 != 0 && !t->failed) mlpi_text_add(t, " ");
  if (status == MLP_OK) status = mlpi_text_status(t);
  if (status != MLP_OK) return status;
  uint64_t length = t->n - 8;
  if (length > MLPI_HEADER_MAX)
    return mlpi_error(t->rt, MLP_EARG,
                      "%s: expected names and metadata of at most 100 MB", who);
  memcpy(t->s, &length, sizeof length);
  return MLP_OK;
}

/* The bytes of an array in row-major order: its own, or a copy. */
static mlp_Status put_array (mlp_Runtime *rt, const mlpi_Array *a,
                             mlpi_Piece *piece) {
  *piece = (mlpi_Piece){ a->data, array_bytes(a) };
  if (piece->n == 0 || mlpi_contiguous(a)) return MLP_OK;
  mlpi_Array copy = *a;
  copy.data = mlpi_alloc(rt, piece->n);
  if (copy.data == NULL) return MLP_ENOMEM;
  mlpi_set_strides(&copy);
  mlpi_array_copy(a, &copy);
  piece->data = copy.data;
  return MLP_OK;
}

/* Replace the checksum's mlpi_zeros by the checksum. */
static void put_checksum (char *digits, size_t n, const mlpi_Piece *pieces) {
  char hex[MLPI_DIGEST + 1];
  mlpi_Sha256 h;
  mlpi_sha256_init(&h);
  for (size_t i = 0; i < n; i++)
    mlpi_sha256_update(&h, pieces[i].data, pieces[i].n);
  mlpi_hex_digest(&h, hex);
  memcpy(digits, hex, MLPI_DIGEST);
}

static int by_text (const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Two equal texts among n, or one that is 'reserved', are refused. */
static mlp_Status check_texts (mlp_Runtime *rt, const char *who, size_t n,
                               const char **text, const char *reserved) {
  char quoted[MLPI_QUOTED];
  qsort(text, n, sizeof *text, by_text);
  for (size_t i = 0; i < n; i++)
    if (strcmp(text[i], reserved) == 0 ||
        (i > 0 && strcmp(text[i - 1], text[i]) == 0))
      return mlpi_error(rt, MLP_EARG, "%s: expected different names, got %s %s",
                        who, mlpi_quote(text[i], quoted),
                        strcmp(text[i], reserved) == 0 ? "which is reserved"
                                                       : "twice");
  return MLP_OK;
}

static mlp_Status check_names (mlp_Runtime *rt, const char *who, size_t n,
                               const mlpi_NamedArray *arrays, size_t n_metadata,
                               const mlpi_Metadata *metadata) {
  size_t most = n > n_metadata ? n : n_metadata;
  const char **text = mlpi_calloc(rt, most, sizeof *text);
  if (text == NULL) return MLP_ENOMEM;
  for (size_t i = 0; i < n; i++) text[i] = arrays[i].name;
  mlp_Status status = check_texts(rt, who, n, text, "__metadata__");
  for (size_t i = 0; i < n_metadata; i++) text[i] = metadata[i].key;
  if (status == MLP_OK)
    status = check_texts(rt, who, n_metadata, text, MLPI_CHECKSUM_KEY);
  mlpi_free(rt, text, most * sizeof *text);
  return status;
}

mlp_Status mlpi_safetensors_write (mlp_Runtime *rt, const char *who,
                                   const char *path, size_t n,
                                   const mlpi_NamedArray *arrays,
                                   size_t n_metadata,
                                   const mlpi_Metadata *metadata) {
  mlpi_Text header;
  size_t digest = 0, made = 0;
  mlp_Status status = check_names(rt, who, n, arrays, n_metadata, metadata);
  if (status != MLP_OK) return status;
  mlpi_Piece *pieces = mlpi_calloc(rt, n + 1, sizeof *pieces);
  if (pieces == NULL) return MLP_ENOMEM;
  mlpi_text_init(&header, rt);
  status = put_header(&header, who, n, arrays, n_metadata, metadata, &digest);
  while (made < n && status == MLP_OK) {
    status = put_array(rt, &arrays[made].array, &pieces[made + 1]);
    made += status == MLP_OK;
  }
  if (status == MLP_OK) {
    pieces[0] = (mlpi_Piece){ header.s, header.n };
    put_checksum(header.s + digest, n + 1, pieces);
    status = mlpi_write_pieces(rt, who, path, n + 1, pieces);
  }
  for (size_t i = 0; i < made; i++)
    if (pieces[i + 1].data != arrays[i].array.data)
      mlpi_free(rt, (void *)pieces[i + 1].data, pieces[i + 1].n);
  mlpi_text_free(&header);
  mlpi_free(rt, pieces, (n + 1) * sizeof *pieces);
  return status;
}
