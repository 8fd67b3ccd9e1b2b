/*
** safetensors_header.c - the header of a model file, read with care.
** It is read by a parser for its own small grammar, not by a JSON library:
** nothing nests, so a hostile header can neither recurse nor make more of
** itself than a table of the arrays that it names; and that table counts
** against the memory limit.
*/
#include "model/safetensors_parts.h"

#include "base/text.h"

#include <string.h>

const struct mlpi_Element mlpi_elements[MLPI_ELEMENTS] = {
  { "F32", MLP_FLOAT32 },
  { "F64", MLP_FLOAT64 },
  { "I64", MLP_INT64 },
  { "U8", MLP_UINT8 }
};

const char mlpi_zeros[MLPI_DIGEST + 1] = "00000000000000000000000000000000"
                                         "00000000000000000000000000000000";

void mlpi_hex_digest (mlpi_Sha256 *h, char hex[MLPI_DIGEST + 1]) {
  static const char digit[] = "0123456789abcdef";
  unsigned char raw[32];
  mlpi_sha256_final(h, raw);
  for (int i = 0; i < 32; i++) {
    hex[2 * i] = digit[raw[i] >> 4];
    hex[2 * i + 1] = digit[raw[i] & 15];
  }
  hex[MLPI_DIGEST] = '\0';
}

mlp_Status mlpi_refuse_file (const mlpi_HeaderReader *r, const char *rule,
                             const char *got) {
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
static mlp_Status expected (const mlpi_HeaderReader *r, const char *what) {
  mlpi_Text t;
  mlpi_text_init(&t, r->s->rt);
  mlpi_text_format(&t, "expected %s at byte %zu", what,
                   (size_t)(r->p - r->s->file));
  mlp_Status status =
      mlpi_refuse_file(r, t.failed ? "its header is damaged" : t.s, NULL);
  mlpi_text_free(&t);
  return status;
}

static void skip_blanks (mlpi_HeaderReader *r) {
  while (r->p < r->end && *r->p != '\0' && strchr(" \t\r\n", *r->p)) r->p++;
}

/* The next character, blanks apart, is c: step over it. */
static bool accept (mlpi_HeaderReader *r, char c) {
  skip_blanks(r);
  bool found = r->p < r->end && *r->p == c;
  r->p += found;
  return found;
}

static mlp_Status demand (mlpi_HeaderReader *r, char c) {
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
static int32_t escaped_character (mlpi_HeaderReader *r) {
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
static char *unescape (mlpi_HeaderReader *r, char *q) {
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
static mlp_Status string (mlpi_HeaderReader *r, const char **out) {
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
static mlp_Status whole (mlpi_HeaderReader *r, size_t *out) {
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
static mlp_Status numbers (mlpi_HeaderReader *r, int most, const char *rule,
                           int *n, size_t *out) {
  *n = 0;
  mlp_Status status = demand(r, '[');
  if (status != MLP_OK || accept(r, ']')) return status;
  do {
    if (*n == most) return mlpi_refuse_file(r, rule, NULL);
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
static mlp_Status field (mlpi_HeaderReader *r, Entry *e) {
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
  return mlpi_refuse_file(
      r, "expected dtype, shape and data_offsets, once each, got ", key);
}

static mlp_Status fields (mlpi_HeaderReader *r, Entry *e) {
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
    return mlpi_refuse_file(r, "expected dtype, shape and data_offsets", NULL);
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
static mlp_Status check_entry (const mlpi_HeaderReader *r, const Entry *e,
                               mlpi_Array *a) {
  int d = 0;
  size_t bytes, payload = r->s->bytes - r->s->payload;
  while (d < MLPI_ELEMENTS && strcmp(mlpi_elements[d].name, e->dtype) != 0) d++;
  if (d == MLPI_ELEMENTS)
    return mlpi_refuse_file(r, "expected dtype F32, F64, I64 or U8, got ",
                            e->dtype);
  *a = (mlpi_Array){ .dtype = mlpi_elements[d].dtype, .ndim = e->ndim };
  memcpy(a->shape, e->shape, sizeof a->shape);
  if (!shape_bytes(a, &bytes))
    return mlpi_refuse_file(r, "its shape has too many elements", NULL);
  if (e->n_offsets != 2 || e->offset[0] > e->offset[1])
    return mlpi_refuse_file(r, bad_offsets, NULL);
  if (e->offset[1] > payload)
    return mlpi_refuse_file(r, "its data end behind the end of the file", NULL);
  if (e->offset[1] - e->offset[0] != bytes)
    return mlpi_refuse_file(r, "its shape and its data_offsets disagree", NULL);
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

static mlp_Status tensor (mlpi_HeaderReader *r, const char *name) {
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

static mlp_Status metadata_pair (mlpi_HeaderReader *r) {
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

static mlp_Status metadata (mlpi_HeaderReader *r) {
  mlp_Status status = demand(r, '{');
  if (status != MLP_OK || accept(r, '}')) return status;
  do {
    status = metadata_pair(r);
    if (status != MLP_OK) return status;
  } while (accept(r, ','));
  return demand(r, '}');
}

/* One "name": {...} of the header. */
static mlp_Status member (mlpi_HeaderReader *r, bool *had_metadata) {
  const char *name;
  mlp_Status status = string(r, &name);
  if (status == MLP_OK) status = demand(r, ':');
  if (status != MLP_OK) return status;
  if (strcmp(name, "__metadata__") != 0) return tensor(r, name);
  if (*had_metadata)
    return mlpi_refuse_file(r, "it has two __metadata__", NULL);
  *had_metadata = true;
  return metadata(r);
}

mlp_Status mlpi_read_header (mlpi_HeaderReader *r) {
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
