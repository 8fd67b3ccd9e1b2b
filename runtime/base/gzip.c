/*
** gzip.c - files that may be gzip: read whole, inflated, and not larger than
** allowed.
*/
#include "base/io.h"

#include <string.h>
#include <zlib.h>

enum { UNIT = 16 }; /* room for the size before a block; keeps alignment */

static voidpf zip_alloc (voidpf ud, uInt items, uInt size) {
  size_t n;
  if (!mlpi_mul(items, size, &n)) return Z_NULL;
  char *p = mlpi_alloc(ud, n + UNIT);
  if (p == NULL) return Z_NULL;
  memcpy(p, &n, sizeof n);
  return p + UNIT;
}

static void zip_free (voidpf ud, voidpf p) {
  size_t n;
  memcpy(&n, (char *)p - UNIT, sizeof n);
  mlpi_free(ud, (char *)p - UNIT, n + UNIT);
}

/* What is being inflated: 'used' of 'size' bytes of 'data' are filled. */
typedef struct Inflate {
  mlp_Runtime *rt;
  const char *who, *path;
  z_stream z;
  const char *next; /* compressed bytes that zlib has not been given */
  size_t left;
  char *data;
  size_t used, size, most;
} Inflate;

/* A few bytes must not become more than any real data set does. */
static size_t most_bytes (size_t compressed, size_t limit) {
  const size_t ratio = 100, harmless = (size_t)64 << 20;
  size_t most;
  if (!mlpi_mul(compressed, ratio, &most) || most == SIZE_MAX)
    most = SIZE_MAX - 1;
  if (most < harmless) most = harmless;
  return limit > 0 && limit < most ? limit : most;
}

/* Twice the room, and always a byte more than may be used. */
static mlp_Status grow (Inflate *f) {
  size_t size = f->size < 4096 ? 4096 : 2 * f->size;
  if (f->size > f->most / 2 || size > f->most) size = f->most + 1;
  char *data = mlpi_realloc(f->rt, f->data, f->size, size);
  if (data == NULL) return MLP_ENOMEM;
  f->data = data;
  f->size = size;
  return MLP_OK;
}

static mlp_Status not_gzip (const Inflate *f, const char *why) {
  return mlpi_unreadable(f->rt, MLP_EFORMAT, f->who, f->path, why);
}

/* Until the end of one gzip member. */
static mlp_Status inflate_member (Inflate *f) {
  const size_t most = (size_t)1 << 30; /* zlib counts in unsigned int */
  int answer = Z_OK;
  while (answer != Z_STREAM_END) {
    if (f->used > f->most)
      return mlpi_too_large(f->rt, f->who, f->path, f->most);
    if (f->used == f->size && grow(f) != MLP_OK) return MLP_ENOMEM;
    size_t in = f->left < most ? f->left : most;
    size_t out = f->size - f->used < most ? f->size - f->used : most;
    f->z.next_in = (z_const Bytef *)f->next;
    f->z.avail_in = (uInt)in;
    f->z.next_out = (Bytef *)f->data + f->used;
    f->z.avail_out = (uInt)out;
    answer = inflate(&f->z, Z_NO_FLUSH);
    f->next += in - f->z.avail_in;
    f->left -= in - f->z.avail_in;
    f->used += out - f->z.avail_out;
    if (answer == Z_MEM_ERROR) return MLP_ENOMEM;
    if (answer == Z_BUF_ERROR ||
        (answer == Z_OK && f->left == 0 && f->z.avail_out > 0))
      return not_gzip(f, "its compressed data ends early");
    if (answer != Z_OK && answer != Z_STREAM_END)
      return not_gzip(f, "its compressed data is damaged");
  }
  return MLP_OK;
}

static bool is_gzip (const char *p, size_t n) {
  return n >= 2 && memcmp(p, "\x1f\x8b", 2) == 0;
}

/* All members, of which there is at least one. */
static mlp_Status inflate_members (Inflate *f) {
  mlp_Status status;
  if (grow(f) != MLP_OK || inflateInit2(&f->z, 15 + 16) != Z_OK)
    return MLP_ENOMEM;
  do {
    status = inflate_member(f);
  } while (status == MLP_OK && is_gzip(f->next, f->left) &&
           inflateReset(&f->z) == Z_OK);
  inflateEnd(&f->z);
  if (status != MLP_OK) return status;
  if (f->left > 0) return not_gzip(f, "bytes follow its compressed data");
  if (f->used > f->most) return mlpi_too_large(f->rt, f->who, f->path, f->most);
  return MLP_OK;
}

/* Hand over exactly what was used, and a NUL; or nothing. */
static mlp_Status trim (Inflate *f, mlp_Status status, char **data, size_t *n) {
  char *exact = NULL;
  if (status == MLP_OK) {
    exact = mlpi_realloc(f->rt, f->data, f->size, f->used + 1);
    if (exact == NULL) status = MLP_ENOMEM;
  }
  if (status != MLP_OK) {
    mlpi_free(f->rt, f->data, f->size);
    return status;
  }
  exact[f->used] = '\0';
  *data = exact;
  *n = f->used;
  return MLP_OK;
}

mlp_Status mlpi_read_gzip (mlp_Runtime *rt, const char *who, const char *path,
                           size_t limit, char **data, size_t *n) {
  mlp_Status status = mlpi_read_file(rt, who, path, limit, data, n);
  if (status != MLP_OK || !is_gzip(*data, *n)) return status;
  char *packed = *data;
  size_t bytes = *n + 1;
  Inflate f = { .rt = rt, .who = who, .path = path };
  f.z = (z_stream){ .zalloc = zip_alloc, .zfree = zip_free, .opaque = rt };
  f.next = packed;
  f.left = *n;
  f.most = most_bytes(*n, limit);
  *data = NULL;
  *n = 0;
  status = trim(&f, inflate_members(&f), data, n);
  mlpi_free(rt, packed, bytes);
  return status;
}
