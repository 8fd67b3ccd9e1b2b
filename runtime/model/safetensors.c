/*
** safetensors.c - the model file, written and, above all, read with care.
** The rules are those of the reference implementation and of the audit by
** Trail of Bits (2023): arrays tile the payload with no holes or overlaps,
** every size is checked before it is believed.
** The header is read by a parser for its own small grammar, not by a JSON
** library: nothing nests, so a hostile header can neither recurse nor make
** more of itself than a table of the arrays that it names; and that table
** counts against the memory limit.
*/
#include "model/safetensors.h"

#include "base/io.h"
#include "base/sha256.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "the payload is little-endian");

enum { MAX_HEADER = 100000000, DIGEST = 64 };

static const struct {
  const char *name;
  mlp_Dtype dtype;
} dtypes[] = { { "F32", MLP_FLOAT32 },
               { "F64", MLP_FLOAT64 },
               { "I64", MLP_INT64 },
               { "U8", MLP_UINT8 } };
enum { DTYPES = sizeof dtypes / sizeof *dtypes };

static void hex_digest (mlpi_Sha256 *h, char hex[DIGEST + 1]) {
  static const char digit[] = "0123456789abcdef";
  unsigned char raw[32];
  mlpi_sha256_final(h, raw);
  for (int i = 0; i < 32; i++) {
    hex[2 * i] = digit[raw[i] >> 4];
    hex[2 * i + 1] = digit[raw[i] & 15];
  }
  hex[DIGEST] = '\0';
}

static const char zeros[] = "00000000000000000000000000000000"
                            "00000000000000000000000000000000";

/* -- writing --------------------------------------------------------------- */

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
  mlpi_text_format(t, "%s\"}", zeros);
  return MLP_OK;
}

static size_t array_bytes (const mlpi_Array *a) {
  return mlpi_count(a) * mlpi_dtype_size(a->dtype);
}

static mlp_Status put_entry (mlpi_Text *t, const char *who,
                             const mlpi_NamedArray *a, size_t *offset) {
  mlpi_text_add(t, ",");
  mlp_Status status = put_string(t, who, a->name);
  for (int i = 0; i < DTYPES; i++)
    if (dtypes[i].dtype == a->array.dtype)
      mlpi_text_format(t, ":{\"dtype\":\"%s\",\"shape\":[", dtypes[i].name);
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
  mlpi_text_bytes(t, zeros, 8);
  mlp_Status status = put_metadata(t, who, n_metadata, metadata, digest);
  for (size_t i = 0; i < n && status == MLP_OK; i++)
    status = put_entry(t, who, &arrays[i], &offset);
  mlpi_text_add(t, "}");
  while (t->n % 8 != 0 && !t->failed) mlpi_text_add(t, " ");
  if (status == MLP_OK) status = mlpi_text_status(t);
  if (status != MLP_OK) return status;
  uint64_t length = t->n - 8;
  if (length > MAX_HEADER)
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

/* Replace the checksum's zeros by the checksum. */
static void put_checksum (char *digits, size_t n, const mlpi_Piece *pieces) {
  char hex[DIGEST + 1];
  mlpi_Sha256 h;
  mlpi_sha256_init(&h);
  for (size_t i = 0; i < n; i++)
    mlpi_sha256_update(&h, pieces[i].data, pieces[i].n);
  hex_digest(&h, hex);
  memcpy(digits, hex, DIGEST);
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

/* -- reading --------------------------------------------------------------- */

typedef struct Reader {
  mlpi_Safetensors *s;
  const char *who, *path;
  char *p, *end;      /* what is left of the header */
  const char *tensor; /* whose entry this is, for messages; or NULL */
} Reader;

/* "load: cannot read 'x': tensor 'w': <rule>"; 'got' follows the rule. */
static mlp_Status refuse (const Reader *r, const char *rule, const char *got) {
  char path[MLPI_QUOTED], tensor[MLPI_QUOTED], value[MLPI_QUOTED];
  return mlpi_about(
      r->s->rt, r->path,
      mlpi_error(r->s->rt, MLP_EFORMAT, "%s: cannot read %s: %s%s%s%s%s",
                 r->who, mlpi_quote(r->path, path),
                 r->tensor != NULL ? "tensor " : "",
                 r->tensor != NULL ? mlpi_quote(r->tensor, tensor) : "",
                 r->tensor != NULL ? ": " : "", rule,
                 got != NULL ? mlpi_quote(got, value) : ""));
}

/* The header's grammar is broken here. */
static mlp_Status expected (const Reader *r, const char *what) {
  mlpi_Text t;
  mlpi_text_init(&t, r->s->rt);
  mlpi_text_format(&t, "expected %s at byte %zu", what,
                   (size_t)(r->p - r->s->file));
  mlp_Status status = refuse(r, t.failed ? "its header is damaged" : t.s, NULL);
  mlpi_text_free(&t);
  return status;
}

static void skip_blanks (Reader *r) {
  while (r->p < r->end && *r->p != '\0' && strchr(" \t\r\n", *r->p)) r->p++;
}

/* The next character, blanks apart, is c: step over it. */
static bool accept (Reader *r, char c) {
  skip_blanks(r);
  bool found = r->p < r->end && *r->p == c;
  r->p += found;
  return found;
}

static mlp_Status demand (Reader *r, char c) {
  const char what[] = { '\'', c, '\'', '\0' };
  return accept(r, c) ? MLP_OK : expected(r, what);
}

/* Four hexadecimal digits; -1 where there are none. */
static int32_t hex4 (const char *p, const char *end) {
  static const char digit[] = "0123456789abcdef";
  int32_t x = 0;
  if (end - p < 4) return -1;
  for (int i = 0; i < 4; i++) {
    char c = p[i] >= 'A' && p[i] <= 'F' ? (char)(p[i] - 'A' + 'a') : p[i];
    const char *at = c != '\0' ? strchr(digit, c) : NULL;
    if (at == NULL) return -1;
    x = x * 16 + (int32_t)(at - digit);
  }
  return x;
}

static char *put_utf8 (char *q, int32_t c) {
  if (c < 0x80) {
    *q++ = (char)c;
    return q;
  }
  int n = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3; /* bytes that follow */
  static const unsigned char first[] = { 0, 0xc0, 0xe0, 0xf0 };
  *q++ = (char)(first[n] | c >> (6 * n));
  while (n-- > 0) *q++ = (char)(0x80 | (c >> (6 * n) & 0x3f));
  return q;
}

/* What follows "\u"; -1 for what is no character, or NUL. */
static int32_t escaped_character (Reader *r) {
  int32_t c = hex4(r->p, r->end);
  r->p += 4;
  if (c >= 0xdc00 && c < 0xe000) return -1;
  if (c < 0xd800 || c >= 0xdc00) return c > 0 ? c : -1;
  if (r->end - r->p < 6 || r->p[0] != '\\' || r->p[1] != 'u') return -1;
  int32_t low = hex4(r->p + 2, r->end);
  r->p += 6;
  if (low < 0xdc00 || low >= 0xe000) return -1;
  return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
}

/* Behind a backslash; the end of the text so far, or NULL. */
static char *unescape (Reader *r, char *q) {
  static const char name[] = "\"\\/bfnrt", value[] = "\"\\/\b\f\n\r\t";
  if (r->p == r->end || *r->p == '\0') return NULL;
  const char *at = strchr(name, *r->p);
  if (at != NULL) {
    *q++ = value[at - name];
    r->p++;
    return q;
  }
  if (*r->p++ != 'u') return NULL;
  int32_t c = escaped_character(r);
  return c < 0 ? NULL : put_utf8(q, c);
}

/* A string, unescaped where it stands, a NUL on its closing quote. */
static mlp_Status string (Reader *r, const char **out) {
  if (!accept(r, '"')) return expected(r, "a string");
  char *q = r->p;
  *out = q;
  while (r->p < r->end && *r->p != '"') {
    size_t n = mlpi_utf8_length(r->p);
    const char *start = r->p;
    if (n == 0 || n > (size_t)(r->end - r->p) || (unsigned char)*r->p < 0x20)
      return expected(r, "a character of UTF-8");
    if (*r->p == '\\') {
      r->p++;
      q = unescape(r, q);
      if (q != NULL) continue;
      r->p = (char *)start;
      return expected(r, "an escaped character");
    }
    memmove(q, r->p, n);
    q += n;
    r->p += n;
  }
  if (r->p == r->end) return expected(r, "the end of a string");
  r->p++;
  *q = '\0';
  return MLP_OK;
}

/* A whole number as JSON writes it, that a size can hold. */
static mlp_Status whole (Reader *r, size_t *out) {
  size_t x = 0;
  skip_blanks(r);
  const char *start = r->p;
  for (; r->p < r->end && *r->p >= '0' && *r->p <= '9'; r->p++)
    if (!mlpi_mul(x, 10, &x) ||
        __builtin_add_overflow(x, (size_t)(*r->p - '0'), &x))
      return expected(r, "a smaller number");
  if (r->p == start || (*start == '0' && r->p - start > 1))
    return expected(r, "a whole number");
  *out = x;
  return MLP_OK;
}

/* "[1,2]": at most 'most' numbers, or the rule is broken. */
static mlp_Status numbers (Reader *r, int most, const char *rule, int *n,
                           size_t *out) {
  *n = 0;
  mlp_Status status = demand(r, '[');
  if (status != MLP_OK || accept(r, ']')) return status;
  do {
    if (*n == most) return refuse(r, rule, NULL);
    status = whole(r, &out[(*n)++]);
    if (status != MLP_OK) return status;
  } while (accept(r, ','));
  return demand(r, ']');
}

static const char bad_offsets[] = "its data_offsets are not begin and end";

/* An entry of the header as it is written there. */
typedef struct Entry {
  const char *dtype;
  int ndim, n_offsets; /* -1: not given */
  size_t shape[MLP_MAXDIM], offset[2];
} Entry;

/* One "key": value of an entry; the rule against unknown keys is ours. */
static mlp_Status field (Reader *r, Entry *e) {
  const char *key;
  mlp_Status status = string(r, &key);
  if (status == MLP_OK) status = demand(r, ':');
  if (status != MLP_OK) return status;
  if (strcmp(key, "dtype") == 0 && e->dtype == NULL)
    return string(r, &e->dtype);
  if (strcmp(key, "shape") == 0 && e->ndim < 0)
    return numbers(r, MLP_MAXDIM, "it has more than 8 dimensions", &e->ndim,
                   e->shape);
  if (strcmp(key, "data_offsets") == 0 && e->n_offsets < 0)
    return numbers(r, 2, bad_offsets, &e->n_offsets, e->offset);
  return refuse(r, "expected dtype, shape and data_offsets, once each, got ",
                key);
}

static mlp_Status fields (Reader *r, Entry *e) {
  *e = (Entry){ .ndim = -1, .n_offsets = -1 };
  mlp_Status status = demand(r, '{');
  if (status != MLP_OK) return status;
  do {
    status = field(r, e);
    if (status != MLP_OK) return status;
  } while (accept(r, ','));
  status = demand(r, '}');
  if (status != MLP_OK) return status;
  if (e->dtype == NULL || e->ndim < 0 || e->n_offsets < 0)
    return refuse(r, "expected dtype, shape and data_offsets", NULL);
  return MLP_OK;
}

/* Bytes that this shape takes; false where no array is that large. */
static bool shape_bytes (const mlpi_Array *a, size_t *out) {
  size_t n = mlpi_dtype_size(a->dtype);
  bool empty = false;
  for (int i = 0; i < a->ndim; i++) {
    empty = empty || a->shape[i] == 0;
    if (a->shape[i] != 0 && !mlpi_mul(n, a->shape[i], &n)) return false;
    if (n > PTRDIFF_MAX) return false;
  }
  *out = empty ? 0 : n;
  return true;
}

/* Believe an entry: type, size and place fit each other and the file. */
static mlp_Status check_entry (const Reader *r, const Entry *e, mlpi_Array *a) {
  int d = 0;
  size_t bytes, payload = r->s->bytes - r->s->payload;
  while (d < DTYPES && strcmp(dtypes[d].name, e->dtype) != 0) d++;
  if (d == DTYPES)
    return refuse(r, "expected dtype F32, F64, I64 or U8, got ", e->dtype);
  *a = (mlpi_Array){ .dtype = dtypes[d].dtype, .ndim = e->ndim };
  memcpy(a->shape, e->shape, sizeof a->shape);
  if (!shape_bytes(a, &bytes))
    return refuse(r, "its shape has too many elements", NULL);
  if (e->n_offsets != 2 || e->offset[0] > e->offset[1])
    return refuse(r, bad_offsets, NULL);
  if (e->offset[1] > payload)
    return refuse(r, "its data end behind the end of the file", NULL);
  if (e->offset[1] - e->offset[0] != bytes)
    return refuse(r, "its shape and its data_offsets disagree", NULL);
  mlpi_set_strides(a);
  a->data = r->s->file + r->s->payload + e->offset[0];
  return MLP_OK;
}

/* A table of 'n' items with room for one more, or NULL. The length of the
** header bounds n. */
static void *more_room (mlp_Runtime *rt, void *table, size_t n, size_t *room,
                        size_t size) {
  size_t wanted = n < 16 ? 16 : 2 * n;
  if (n < *room) return table;
  table = mlpi_realloc(rt, table, *room * size, wanted * size);
  if (table != NULL) *room = wanted;
  return table;
}

static mlp_Status tensor (Reader *r, const char *name) {
  mlpi_Safetensors *s = r->s;
  Entry e;
  mlpi_NamedArray *arrays =
      more_room(s->rt, s->arrays, s->n, &s->arrays_size, sizeof *arrays);
  if (arrays == NULL) return MLP_ENOMEM;
  s->arrays = arrays;
  r->tensor = name;
  mlp_Status status = fields(r, &e);
  if (status == MLP_OK) status = check_entry(r, &e, &arrays[s->n].array);
  if (status != MLP_OK) return status;
  r->tensor = NULL;
  arrays[s->n++].name = name;
  return MLP_OK;
}

static mlp_Status metadata_pair (Reader *r) {
  mlpi_Safetensors *s = r->s;
  mlpi_Metadata *m = more_room(s->rt, s->metadata, s->n_metadata,
                               &s->metadata_size, sizeof *m);
  if (m == NULL) return MLP_ENOMEM;
  s->metadata = m;
  m += s->n_metadata;
  mlp_Status status = string(r, &m->key);
  if (status == MLP_OK) status = demand(r, ':');
  if (status == MLP_OK) status = string(r, &m->value);
  s->n_metadata += status == MLP_OK;
  return status;
}

static mlp_Status metadata (Reader *r) {
  mlp_Status status = demand(r, '{');
  if (status != MLP_OK || accept(r, '}')) return status;
  do {
    status = metadata_pair(r);
    if (status != MLP_OK) return status;
  } while (accept(r, ','));
  return demand(r, '}');
}

/* One "name": {...} of the header. */
static mlp_Status member (Reader *r, bool *had_metadata) {
  const char *name;
  mlp_Status status = string(r, &name);
  if (status == MLP_OK) status = demand(r, ':');
  if (status != MLP_OK) return status;
  if (strcmp(name, "__metadata__") != 0) return tensor(r, name);
  if (*had_metadata) return refuse(r, "it has two __metadata__", NULL);
  *had_metadata = true;
  return metadata(r);
}

static mlp_Status header (Reader *r) {
  bool had_metadata = false;
  if (*r->p != '{') return expected(r, "'{'"); /* no blanks before it */
  r->p++;
  if (!accept(r, '}')) {
    do {
      mlp_Status status = member(r, &had_metadata);
      if (status != MLP_OK) return status;
    } while (accept(r, ','));
    if (!accept(r, '}')) return expected(r, "'}'");
  }
  skip_blanks(r);
  return r->p == r->end ? MLP_OK : expected(r, "the end of the header");
}

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
static mlp_Status check_tiling (Reader *r) {
  mlpi_Safetensors *s = r->s;
  const char *at = s->file + s->payload;
  if (s->n > 0) qsort(s->sorted, s->n, sizeof *s->sorted, by_place);
  for (size_t i = 0; i < s->n; i++) {
    const mlpi_NamedArray *a = s->sorted[i];
    const char *begin = a->array.data;
    r->tensor = a->name;
    if (begin < at) return refuse(r, "its data overlap another's", NULL);
    if (begin > at) return refuse(r, "there is a hole before its data", NULL);
    at = begin + array_bytes(&a->array);
  }
  r->tensor = NULL;
  if (at != s->file + s->bytes)
    return refuse(r, "bytes follow the data of its tensors", NULL);
  return MLP_OK;
}

/* No two arrays and no two keys of one name; both can be searched then. */
static mlp_Status check_duplicates (Reader *r) {
  mlpi_Safetensors *s = r->s;
  if (s->n > 0) qsort(s->sorted, s->n, sizeof *s->sorted, by_name);
  for (size_t i = 1; i < s->n; i++)
    if (strcmp(s->sorted[i - 1]->name, s->sorted[i]->name) == 0)
      return refuse(r, "it has two tensors ", s->sorted[i]->name);
  if (s->n_metadata > 0)
    qsort(s->metadata, s->n_metadata, sizeof *s->metadata, by_key);
  for (size_t i = 1; i < s->n_metadata; i++)
    if (strcmp(s->metadata[i - 1].key, s->metadata[i].key) == 0)
      return refuse(r, "its __metadata__ has two ", s->metadata[i].key);
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
  while ((size_t)(end - p) > n + DIGEST) {
    char *q = memchr(p, '"', (size_t)(end - p) - n - DIGEST);
    if (q == NULL) return NULL;
    if ((q[-1] == '{' || q[-1] == ',') && memcmp(q, key, n) == 0)
      return q[n + DIGEST] == '"' ? q + n : NULL;
    p = q + 1;
  }
  return NULL;
}

/* Has the file our checksum, and is it the right one? Looked at before the
** header is unescaped in place, reported after what says more. */
static bool verify (mlpi_Safetensors *s) {
  char hex[DIGEST + 1], *digits = find_checksum(s);
  mlpi_Sha256 h;
  if (digits == NULL) return true;
  char *rest = digits + DIGEST;
  mlpi_sha256_init(&h);
  mlpi_sha256_update(&h, s->file, (size_t)(digits - s->file));
  mlpi_sha256_update(&h, zeros, DIGEST);
  mlpi_sha256_update(&h, rest, (size_t)(s->file + s->bytes - rest));
  hex_digest(&h, hex);
  s->verified = memcmp(hex, digits, DIGEST) == 0;
  return s->verified;
}

/* The header's length is believed when the file has so many bytes. */
static mlp_Status check_length (Reader *r) {
  mlpi_Safetensors *s = r->s;
  uint64_t length;
  if (s->bytes < 8 + 2)
    return refuse(r, "it is too short for a safetensors file", NULL);
  memcpy(&length, s->file, sizeof length);
  if (length < 2 || length > MAX_HEADER)
    return refuse(r, "the length of its header is not in 2..100000000", NULL);
  if (length > s->bytes - 8)
    return refuse(r, "its header ends behind the end of the file", NULL);
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

static mlp_Status check_all (Reader *r) {
  bool whole_file = verify(r->s);
  mlp_Status status = header(r);
  if (status == MLP_OK) status = sort_arrays(r->s);
  if (status == MLP_OK) status = check_tiling(r);
  if (status == MLP_OK) status = check_duplicates(r);
  if (status != MLP_OK || whole_file) return status;
  return refuse(r,
                "its checksum differs: it was damaged, or changed by a "
                "program that kept the metadata " MLPI_CHECKSUM_KEY,
                NULL);
}

static mlp_Status read_all (Reader *r) {
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
  Reader r = { .s = s, .who = who, .path = path };
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
