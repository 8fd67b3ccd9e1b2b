/*
** npy.c - one array: magic, version, the length of a header, the header (a
** Python dictionary), raw elements.
*/
#include "data/npy.h"
#include "base/io.h"
#include "base/map.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { HEADER_MAX = 1 << 16, HEAD = 12 + HEADER_MAX, ALIGN = 64 };

typedef struct Npy {
  mlp_Runtime *rt;
  const char *label;
  const unsigned char *data;
  size_t n, at;          /* bytes of the file; where it is read */
  const mlpi_File *file; /* the rest of it, behind what is at 'data'; or NULL */
  size_t have;           /* bytes at 'data' */
  char kind;             /* of an element: 'f', 'i', 'u', 'b' */
  size_t size;
  bool big, fortran;
  int ndim;
  size_t shape[MLP_MAXDIM];
  unsigned seen; /* keys of the header */
} Npy;

static mlp_Status bad (const Npy *f, const char *what) {
  char path[MLPI_QUOTED];
  return mlpi_about(f->rt, f->label,
                    mlpi_error(f->rt, MLP_EFORMAT, "npy: %s, offset %zu: %s",
                               mlpi_quote(f->label, path), f->at, what));
}

/*
** The header
*/

static void skip_blanks (Npy *f) {
  while (f->at < f->n && strchr(" \t\n", f->data[f->at]) != NULL &&
         f->data[f->at] != '\0')
    f->at++;
}

static bool accept (Npy *f, char c) {
  skip_blanks(f);
  if (f->at >= f->n || f->data[f->at] != (unsigned char)c) return false;
  f->at++;
  return true;
}

static bool accept_word (Npy *f, const char *word) {
  size_t n = strlen(word);
  skip_blanks(f);
  if (f->n - f->at < n || memcmp(f->data + f->at, word, n) != 0) return false;
  f->at += n;
  return true;
}

/* A string without escapes, of less than 'room' bytes. */
static bool text (Npy *f, char *to, size_t room) {
  size_t n = 0;
  skip_blanks(f);
  if (f->at >= f->n) return false;
  unsigned char quote = f->data[f->at];
  if (quote != '\'' && quote != '"') return false;
  for (f->at++; f->at < f->n && f->data[f->at] != quote; f->at++) {
    if (n + 1 == room || f->data[f->at] == '\\' || f->data[f->at] < ' ')
      return false;
    to[n++] = (char)f->data[f->at];
  }
  to[n] = '\0';
  return f->at < f->n && ++f->at > 0;
}

static mlp_Status descr (Npy *f) {
  char t[16];
  if (!text(f, t, sizeof t))
    return bad(f, "expected a simple type; structured arrays are not read");
  if (strchr(t, 'O') != NULL)
    return bad(f, "pickled data is not loaded: it could run code; save "
                  "numbers instead of objects");
  const char *p = t + (t[0] != '\0' && strchr("<>|=", t[0]) != NULL);
  f->big = t[0] == '>';
  f->kind = p[0];
  f->size = p[0] != '\0' && p[1] >= '1' && p[1] <= '8' ? (size_t)p[1] - '0' : 0;
  bool known = f->size != 0 && p[2] == '\0';
  if (p[0] == 'f') known = known && f->size != 1;
  if (p[0] == 'b') known = known && f->size == 1;
  known = known && strchr("fiub", p[0]) != NULL;
  known = known && (f->size & (f->size - 1)) == 0;
  if (known) return MLP_OK;
  return bad(f, "expected elements of f2, f4, f8, i1 to i8, u1 to u8 or b1");
}

static mlp_Status order (Npy *f) {
  f->fortran = accept_word(f, "True");
  if (f->fortran || accept_word(f, "False")) return MLP_OK;
  return bad(f, "expected True or False");
}

static bool whole (Npy *f, size_t *out) {
  size_t v = 0, start;
  skip_blanks(f);
  for (start = f->at; f->at < f->n; f->at++) {
    unsigned char c = f->data[f->at];
    if (c < '0' || c > '9') break;
    if (!mlpi_mul(v, 10, &v) ||
        __builtin_add_overflow(v, (size_t)(c - '0'), &v))
      return false;
  }
  *out = v;
  if (f->at < f->n && f->data[f->at] == 'L') f->at++; /* Python 2 */
  return f->at > start;
}

static mlp_Status sizes (Npy *f) {
  if (!accept(f, '(')) return bad(f, "expected a tuple of sizes");
  while (!accept(f, ')')) {
    if (f->ndim == MLP_MAXDIM) return bad(f, "expected at most 8 dimensions");
    if (!whole(f, &f->shape[f->ndim++]))
      return bad(f, "expected a whole number >= 0 that fits in memory");
    if (!accept(f, ',')) {
      if (!accept(f, ')')) return bad(f, "expected a comma or ')'");
      break;
    }
  }
  return MLP_OK;
}

static mlp_Status entry (Npy *f) {
  static const char *const keys[] = { "descr", "fortran_order", "shape" };
  static mlp_Status (*const read[])(Npy *) = { descr, order, sizes };
  char key[16];
  if (!text(f, key, sizeof key)) return bad(f, "expected a key in quotes");
  for (unsigned i = 0; i < 3; i++) {
    if (strcmp(key, keys[i]) != 0) continue;
    if ((f->seen >> i & 1) != 0) return bad(f, "a key appears twice");
    f->seen |= 1u << i;
    return accept(f, ':') ? read[i](f) : bad(f, "expected ':'");
  }
  return bad(f, "expected the keys 'descr', 'fortran_order', 'shape' alone");
}

static mlp_Status dictionary (Npy *f) {
  if (!accept(f, '{')) return bad(f, "expected a dictionary");
  while (!accept(f, '}')) {
    mlp_Status s = entry(f);
    if (s != MLP_OK) return s;
    if (accept(f, ',')) continue;
    if (accept(f, '}')) break;
    return bad(f, "expected a comma or '}'");
  }
  skip_blanks(f);
  if (f->at != f->n) return bad(f, "bytes behind the dictionary");
  if (f->seen != 7)
    return bad(f, "expected the keys 'descr', 'fortran_order' and 'shape'");
  return MLP_OK;
}

/* Magic, version, the header; then f->at is at the first element. */
static mlp_Status header (Npy *f) {
  const size_t n = f->n;
  if (n < 10 || memcmp(f->data, "\x93NUMPY", 6) != 0)
    return bad(f, "expected NumPy's magic; this is no npy file");
  size_t wide = f->data[6] == 1 ? 2 : 4, length = 0;
  f->at = 6;
  if (f->data[6] < 1 || f->data[6] > 3 || f->data[7] != 0)
    return bad(f, "expected version 1.0, 2.0 or 3.0");
  f->at = 8;
  if (n < 8 + wide) return bad(f, "the file ends in its header");
  for (size_t i = wide; i-- > 0;) length = length << 8 | f->data[8 + i];
  if (length > HEADER_MAX) return bad(f, "the header is longer than 64 KiB");
  if (length > n - 8 - wide) return bad(f, "the file ends in its header");
  f->at = 8 + wide;
  f->n = f->at + length;
  mlp_Status s = dictionary(f);
  f->n = n;
  return s;
}

/*
** Elements
*/

static mlp_Dtype result_type (const Npy *f) {
  if (f->kind == 'f') return f->size == 8 ? MLP_FLOAT64 : MLP_FLOAT32;
  return f->kind == 'b' || (f->kind == 'u' && f->size == 1) ? MLP_UINT8
                                                            : MLP_INT64;
}

static uint64_t bits (const Npy *f, const unsigned char *p) {
  uint64_t v = 0;
  for (size_t i = 0; i < f->size; i++)
    v = v << 8 | p[f->big ? i : f->size - 1 - i];
  return v;
}

/* IEEE 754 binary16, exactly. */
static float half (uint64_t v) {
  const uint32_t exponent = v >> 10 & 31, fraction = v & 1023;
  const float sign = v >> 15 != 0 ? -1.0f : 1.0f;
  uint32_t u = (exponent == 31 ? 255u : exponent + 112) << 23 | fraction << 13;
  float x;
  memcpy(&x, &u, sizeof x);
  if (exponent == 0) x = (float)fraction * 0x1p-24f;
  return sign * x;
}

/* False where a number does not fit. */
static bool store (const Npy *f, uint64_t v, void *to, size_t i) {
  const uint32_t v32 = (uint32_t)v;
  const unsigned unused = 64 - 8 * (unsigned)f->size;
  switch (result_type(f)) {
  case MLP_FLOAT64:
    memcpy((double *)to + i, &v, sizeof v);
    return true;
  case MLP_FLOAT32:
    if (f->size == 2)
      ((float *)to)[i] = half(v);
    else
      memcpy((float *)to + i, &v32, sizeof v32);
    return true;
  case MLP_UINT8:
    ((uint8_t *)to)[i] = f->kind == 'b' ? v != 0 : (uint8_t)v;
    return true;
  default:
    if (f->kind == 'i') v = (uint64_t)((int64_t)(v << unused) >> unused);
    ((int64_t *)to)[i] = (int64_t)v;
    return f->kind == 'i' || v <= INT64_MAX;
  }
}

/* Element i of the file goes to which place of the result? */
static size_t place (const Npy *f, size_t i) {
  size_t at = 0, step[MLP_MAXDIM], n = 1;
  if (!f->fortran) return i;
  for (int d = f->ndim - 1; d >= 0; d--) step[d] = n, n *= f->shape[d];
  for (int d = 0; d < f->ndim; d++) {
    at += i % f->shape[d] * step[d];
    i /= f->shape[d];
  }
  return at;
}

/* The next n bytes of the file. */
static mlp_Status take (Npy *f, void *to, size_t n) {
  const size_t left = f->at < f->have ? f->have - f->at : 0;
  const size_t k = n < left ? n : left;
  if (k > 0) memcpy(to, f->data + f->at, k);
  f->at += n;
  return n == k ? MLP_OK : mlpi_read_next(f->file, (char *)to + k, n - k);
}

/* Do the elements end where the file does? */
static mlp_Status check_size (const Npy *f) {
  size_t bytes = f->size;
  for (int d = 0; d < f->ndim; d++)
    if (!mlpi_mul(bytes, f->shape[d], &bytes))
      return bad(f, "the sizes are too large");
  if (f->n - f->at < bytes)
    return bad(f, "the file ends before its last element");
  if (f->n - f->at > bytes) return bad(f, "bytes behind the last element");
  return MLP_OK;
}

/* Are the elements ours, bit for bit? */
static bool is_ours (const Npy *f) {
  return (!f->big || f->size == 1) && f->kind != 'b' &&
         f->size == mlpi_dtype_size(result_type(f)) &&
         !(f->kind == 'u' && f->size == 8);
}

/* Element by element, a piece of the file at a time. */
static mlp_Status convert (Npy *f, size_t count, void *to) {
  unsigned char piece[8192];
  const size_t first = f->at, most = sizeof piece / f->size;
  for (size_t i = 0; i < count;) {
    const size_t n = count - i < most ? count - i : most;
    mlp_Status s = take(f, piece, n * f->size);
    if (s != MLP_OK) return s;
    for (size_t k = 0; k < n; k++, i++) {
      if (store(f, bits(f, piece + k * f->size), to, place(f, i))) continue;
      f->at = first;
      return bad(f, "a number above 2^63 - 1 does not fit into int64");
    }
  }
  return MLP_OK;
}

/* Numbers that are ours go from the file to where they stay. */
static mlp_Status elements (Npy *f, mlp_Tensor **out) {
  mlp_Status s = check_size(f);
  if (s != MLP_OK) return s;
  s = mlpi_tensor_new(f->rt, result_type(f), f->ndim, f->shape, out);
  if (s != MLP_OK) return s;
  const size_t count = mlpi_count(&(*out)->a);
  void *to = (*out)->a.data;
  s = is_ours(f) && !f->fortran ? take(f, to, count * f->size)
                                : convert(f, count, to);
  if (s == MLP_OK && f->file != NULL) s = mlpi_read_end(f->file);
  if (s == MLP_OK) return MLP_OK;
  mlpi_tensor_release(*out);
  *out = NULL;
  return s;
}

mlp_Status mlpi_parse_npy (mlp_Runtime *rt, const char *label, const char *data,
                           size_t n, mlp_Tensor **out) {
  Npy f = { .rt = rt, .label = label, .n = n, .have = n };
  f.data = (const unsigned char *)data;
  *out = NULL;
  mlp_Status s = header(&f);
  return s != MLP_OK ? s : elements(&f, out);
}

static mlp_Status load (const mlpi_File *file, unsigned char *head,
                        mlp_Tensor **out) {
  Npy f = { .rt = file->rt,
            .label = file->path,
            .data = head,
            .n = file->n,
            .file = file,
            .have = file->n < HEAD ? file->n : HEAD };
  mlp_Status s = mlpi_read_next(file, head, f.have);
  if (s == MLP_OK) s = header(&f);
  return s != MLP_OK ? s : elements(&f, out);
}

mlp_Status mlpi_load_npy (mlp_Runtime *rt, const char *path, mlp_Tensor **out) {
  mlpi_File file;
  *out = NULL;
  mlp_Status s = mlpi_open_file(rt, "npy", path, 0, &file);
  if (s != MLP_OK) return s;
  unsigned char *head = mlpi_alloc(rt, HEAD);
  s = head == NULL ? MLP_ENOMEM : load(&file, head, out);
  mlpi_free(rt, head, HEAD);
  mlpi_close_file(&file);
  return s;
}

/*
** Mapping
*/

/* A tensor's storage: gives the mapping back in the end. */
typedef struct Held {
  mlp_Runtime *rt;
  mlpi_Map map;
} Held;

static void let_go (void *ud, void *data) {
  Held *held = ud;
  (void)data;
  mlpi_unmap_file(&held->map);
  mlpi_free(held->rt, held, sizeof *held);
}

/* Are the elements ours as they lie there? */
static mlp_Status check_direct (const Npy *f) {
  if (f->fortran)
    return bad(f, "expected rows one after the other, got columns; load it");
  if (!is_ours(f))
    return bad(f, "expected elements of <f4, <f8, <i8 or u1; load it");
  if (f->at % f->size != 0)
    return bad(f, "expected elements at a multiple of their size; load it");
  return check_size(f);
}

static mlp_Status wrap_map (Npy *f, const mlpi_Map *map, mlp_Tensor **out) {
  mlp_Status s = header(f);
  if (s == MLP_OK) s = check_direct(f);
  if (s != MLP_OK) return s;
  Held *held = mlpi_alloc(f->rt, sizeof *held);
  if (held == NULL) return MLP_ENOMEM;
  *held = (Held){ f->rt, *map };
  s = mlpi_tensor_wrap(f->rt, map->data + f->at, result_type(f), f->ndim,
                       f->shape, let_go, held, out);
  if (s != MLP_OK) mlpi_free(f->rt, held, sizeof *held);
  return s;
}

mlp_Status mlpi_map_npy (mlp_Runtime *rt, const char *path, mlp_Tensor **out) {
  mlpi_Map map;
  *out = NULL;
  mlp_Status s = mlpi_map_file(rt, "npy", path, &map);
  if (s != MLP_OK) return s;
  Npy f = { .rt = rt, .label = path, .n = map.n };
  f.data = (const unsigned char *)map.data;
  s = wrap_map(&f, &map, out);
  if (s != MLP_OK) mlpi_unmap_file(&map);
  return s;
}

/*
** Writing
*/

static size_t write_header (const mlpi_Array *a, char *to, size_t room) {
  static const char *const type[] = { "<f4", "<f8", "<i8", "|u1" };
  int n = snprintf(to + 10, room - 10,
                   "{'descr': '%s', 'fortran_order': False, 'shape': (",
                   type[a->dtype]);
  for (int d = 0; d < a->ndim; d++)
    n += snprintf(to + 10 + n, room - 10 - (size_t)n, "%s%zu%s",
                  d > 0 ? " " : "", a->shape[d],
                  d + 1 < a->ndim || a->ndim == 1 ? "," : "");
  n += snprintf(to + 10 + n, room - 10 - (size_t)n, "), }");
  size_t end = (10 + (size_t)n + 1 + ALIGN - 1) / ALIGN * ALIGN;
  memset(to + 10 + n, ' ', end - 10 - (size_t)n);
  to[end - 1] = '\n';
  memcpy(to, "\x93NUMPY\x01\x00", 8);
  to[8] = (char)((end - 10) & 255);
  to[9] = (char)((end - 10) >> 8);
  return end;
}

mlp_Status mlpi_format_npy (mlp_Runtime *rt, const mlpi_Array *a, char **data,
                            size_t *n) {
  char head[512];
  size_t first = write_header(a, head, sizeof head);
  *n = first + mlpi_count(a) * mlpi_dtype_size(a->dtype);
  *data = mlpi_alloc(rt, *n);
  if (*data == NULL) return MLP_ENOMEM;
  mlpi_Array to = *a;
  to.data = *data + first;
  mlpi_set_strides(&to);
  memcpy(*data, head, first);
  mlpi_array_copy(a, &to);
  return MLP_OK;
}

mlp_Status mlpi_save_npy (mlp_Runtime *rt, const char *path,
                          const mlpi_Array *a) {
  char *data;
  size_t n;
  mlp_Status s = mlpi_format_npy(rt, a, &data, &n);
  if (s != MLP_OK) return s;
  s = mlpi_write_file(rt, "npy", path, data, n);
  mlpi_free(rt, data, n);
  return s;
}
