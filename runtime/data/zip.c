/*
** zip.c - reading zip files.
*/
#include "data/zip.h"
#include "base/io.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { END = 22, LOCATOR = 20, END64 = 56, CENTRAL = 46, LOCAL = 30 };
enum { MEMBERS_MAX = 65536, RATIO_MAX = 1000, NAME_MAX_BYTES = 1000 };

static mlp_Status bad (const mlpi_Zip *z, uint64_t at, const char *what) {
  char path[MLPI_QUOTED];
  return mlpi_about(z->rt, z->path,
                    mlpi_error(z->rt, MLP_EFORMAT, "%s: %s, offset %llu: %s",
                               z->who, mlpi_quote(z->path, path),
                               (unsigned long long)at, what));
}

/* A little-endian number of 'size' bytes at offset 'at', which is inside. */
static uint64_t number (const mlpi_Zip *z, uint64_t at, int size) {
  uint64_t v = 0;
  for (int i = size - 1; i >= 0; i--)
    v = v << 8 | (unsigned char)z->data[at + (uint64_t)i];
  return v;
}

static bool inside (const mlpi_Zip *z, uint64_t at, uint64_t n) {
  return at <= z->bytes && n <= z->bytes - at;
}

typedef struct Directory {
  uint64_t at, size, count;
} Directory;

/* The end record, behind which only a comment of its stated length follows. */
static mlp_Status find_end (const mlpi_Zip *z, uint64_t *end) {
  if (z->bytes < END) return bad(z, 0, "this is no zip file");
  for (uint64_t back = END; back <= z->bytes && back <= END + 65535; back++) {
    *end = z->bytes - back;
    if (number(z, *end, 4) == 0x06054b50 &&
        number(z, *end + 20, 2) == back - END)
      return MLP_OK;
  }
  return bad(z, z->bytes, "no end of a zip file's directory");
}

static mlp_Status read_end64 (const mlpi_Zip *z, uint64_t end, Directory *d) {
  if (end < LOCATOR || number(z, end - LOCATOR, 4) != 0x07064b50)
    return bad(z, end, "a size is missing");
  uint64_t at = number(z, end - LOCATOR + 8, 8);
  if (!inside(z, at, END64) || number(z, at, 4) != 0x06064b50)
    return bad(z, end, "the zip64 record is missing");
  d->count = number(z, at + 32, 8);
  d->size = number(z, at + 40, 8);
  d->at = number(z, at + 48, 8);
  return MLP_OK;
}

static mlp_Status read_end (const mlpi_Zip *z, Directory *d) {
  uint64_t end = 0;
  mlp_Status s = find_end(z, &end);
  if (s != MLP_OK) return s;
  if (number(z, end + 4, 2) != 0 && number(z, end + 4, 2) != 0xffff)
    return bad(z, end, "the file is one part of several");
  d->count = number(z, end + 10, 2);
  d->size = number(z, end + 12, 4);
  d->at = number(z, end + 16, 4);
  if (d->count == 0xffff || d->size == 0xffffffff || d->at == 0xffffffff)
    s = read_end64(z, end, d);
  if (s != MLP_OK) return s;
  if (!inside(z, d->at, d->size) || d->at + d->size > end)
    return bad(z, end, "the directory lies outside of the file");
  if (d->count > MEMBERS_MAX) return bad(z, end, "more than 65,536 members");
  if (d->count * CENTRAL > d->size)
    return bad(z, end, "more members than the directory has room for");
  return MLP_OK;
}

/* Sizes of 0xffffffff stand in the extra field 1, in this order. */
static bool read_zip64 (const mlpi_Zip *z, uint64_t at, uint64_t end,
                        mlpi_ZipMember *m) {
  uint64_t *field[] = { &m->size, &m->packed, &m->offset };
  bool wanted = false;
  for (int i = 0; i < 3; i++) wanted = wanted || *field[i] == 0xffffffff;
  while (wanted && end - at >= 4) {
    uint64_t id = number(z, at, 2), n = number(z, at + 2, 2);
    at += 4;
    if (n > end - at) return false;
    if (id != 1) {
      at += n;
      continue;
    }
    for (int i = 0; i < 3; i++) {
      if (*field[i] != 0xffffffff) continue;
      if (n < 8) return false;
      *field[i] = number(z, at, 8);
      at += 8;
      n -= 8;
    }
    return true;
  }
  return !wanted;
}

static mlp_Status read_name (mlpi_Zip *z, uint64_t at, size_t n, char **name) {
  if (n == 0 || n > NAME_MAX_BYTES || memchr(z->data + at, 0, n) != NULL)
    return bad(z, at, "expected a name of 1 to 1000 bytes without NUL");
  *name = mlpi_alloc(z->rt, n + 1);
  if (*name == NULL) return MLP_ENOMEM;
  memcpy(*name, z->data + at, n);
  (*name)[n] = '\0';
  return MLP_OK;
}

/* The entry at *at of the directory, which ends at 'end'. */
static mlp_Status read_entry (mlpi_Zip *z, uint64_t *at, uint64_t end) {
  mlpi_ZipMember *m = &z->member[z->n];
  if (end - *at < CENTRAL || number(z, *at, 4) != 0x02014b50)
    return bad(z, *at, "expected an entry of the directory");
  size_t name = (size_t)number(z, *at + 28, 2);
  uint64_t extra = number(z, *at + 30, 2), comment = number(z, *at + 32, 2);
  if (name + extra + comment > end - *at - CENTRAL)
    return bad(z, *at, "an entry is longer than the directory");
  m->method = (int)number(z, *at + 10, 2);
  m->crc = (uint32_t)number(z, *at + 16, 4);
  m->packed = number(z, *at + 20, 4);
  m->size = number(z, *at + 24, 4);
  m->offset = number(z, *at + 42, 4);
  if ((number(z, *at + 8, 2) & 1) != 0) return bad(z, *at, "it is encrypted");
  if (m->method != 0 && m->method != 8)
    return bad(z, *at, "expected a member that is stored or deflated");
  uint64_t first = *at + CENTRAL + name;
  if (!read_zip64(z, first, first + extra, m))
    return bad(z, *at, "its zip64 sizes are missing");
  mlp_Status s = read_name(z, *at + CENTRAL, name, &m->name);
  if (s != MLP_OK) return s;
  *at = first + extra + comment;
  z->n++;
  return MLP_OK;
}

static int by_name (const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

mlp_Status mlpi_twice (mlp_Runtime *rt, size_t n, char *const *names,
                       const char **found) {
  char **sorted = mlpi_alloc(rt, n * sizeof *sorted);
  *found = NULL;
  if (sorted == NULL) return MLP_ENOMEM;
  for (size_t i = 0; i < n; i++) sorted[i] = names[i];
  if (n > 1) qsort(sorted, n, sizeof *sorted, by_name);
  for (size_t i = 1; i < n && *found == NULL; i++)
    if (strcmp(sorted[i - 1], sorted[i]) == 0) *found = sorted[i];
  mlpi_free(rt, sorted, n * sizeof *sorted);
  return MLP_OK;
}

static mlp_Status check_names (const mlpi_Zip *z) {
  const char *found = NULL;
  char **names = mlpi_alloc(z->rt, z->n * sizeof *names);
  if (names == NULL) return MLP_ENOMEM;
  for (size_t i = 0; i < z->n; i++) names[i] = z->member[i].name;
  mlp_Status s = mlpi_twice(z->rt, z->n, names, &found);
  mlpi_free(z->rt, names, z->n * sizeof *names);
  return found == NULL ? s : bad(z, 0, "two members have the same name");
}

/* All together may be a thousand times as large as the file. */
static mlp_Status check_sizes (const mlpi_Zip *z) {
  uint64_t all = 0;
  for (size_t i = 0; i < z->n; i++)
    if (__builtin_add_overflow(all, z->member[i].size, &all) ||
        all / RATIO_MAX > z->bytes)
      return bad(z, 0, "its members are more than 1000 times its size");
  return MLP_OK;
}

static mlp_Status read_directory (mlpi_Zip *z) {
  Directory d = { 0 };
  mlp_Status s = read_end(z, &d);
  if (s != MLP_OK) return s;
  z->room = (size_t)d.count;
  z->member = mlpi_calloc(z->rt, z->room, sizeof *z->member);
  if (z->member == NULL) return MLP_ENOMEM;
  uint64_t at = d.at, end = d.at + d.size;
  while (z->n < z->room && s == MLP_OK) s = read_entry(z, &at, end);
  if (s == MLP_OK && at != end) s = bad(z, at, "bytes behind the last entry");
  if (s == MLP_OK) s = check_names(z);
  return s == MLP_OK ? check_sizes(z) : s;
}

mlp_Status mlpi_zip_open (mlp_Runtime *rt, const char *who, const char *path,
                          mlpi_Zip **out) {
  *out = NULL;
  mlpi_Zip *z = mlpi_calloc(rt, 1, sizeof *z);
  if (z == NULL) return MLP_ENOMEM;
  *z = (mlpi_Zip){ .rt = rt, .who = who, .path = path };
  mlp_Status s = mlpi_read_file(rt, who, path, 0, &z->data, &z->bytes);
  if (s == MLP_OK) s = read_directory(z);
  if (s == MLP_OK)
    *out = z;
  else
    mlpi_zip_close(z);
  return s;
}

void mlpi_zip_close (mlpi_Zip *z) {
  if (z == NULL) return;
  for (size_t i = 0; i < z->room && z->member != NULL; i++) {
    char *name = z->member[i].name;
    if (name != NULL) mlpi_free(z->rt, name, strlen(name) + 1);
  }
  mlpi_free(z->rt, z->member, z->room * sizeof *z->member);
  if (z->data != NULL) mlpi_free(z->rt, z->data, z->bytes + 1);
  mlpi_free(z->rt, z, sizeof *z);
}

/* Where the bytes of a member begin. */
static mlp_Status locate (const mlpi_Zip *z, const mlpi_ZipMember *m,
                          uint64_t *at) {
  if (!inside(z, m->offset, LOCAL) || number(z, m->offset, 4) != 0x04034b50)
    return bad(z, m->offset, "expected the header of a member");
  *at = m->offset + LOCAL + number(z, m->offset + 26, 2) +
        number(z, m->offset + 28, 2);
  if (!inside(z, *at, m->packed))
    return bad(z, m->offset, "a member lies outside of the file");
  return MLP_OK;
}

/* zlib counts in unsigned int: large members go in pieces. */
static bool inflate_all (const char *from, uint64_t packed, char *to,
                         uint64_t size) {
  z_stream s = { .next_in = (Bytef *)from, .next_out = (Bytef *)to };
  const uint64_t most = 1u << 30;
  int result = inflateInit2(&s, -MAX_WBITS);
  if (result != Z_OK) return false;
  while (result == Z_OK) {
    if (s.avail_in == 0) {
      s.avail_in = (uInt)(packed < most ? packed : most);
      packed -= s.avail_in;
    }
    if (s.avail_out == 0) {
      s.avail_out = (uInt)(size < most ? size : most);
      size -= s.avail_out;
    }
    result = inflate(&s, Z_NO_FLUSH);
  }
  bool whole = result == Z_STREAM_END && packed == 0 && s.avail_in == 0 &&
               size == 0 && s.avail_out == 0;
  inflateEnd(&s);
  return whole;
}

static uint32_t checksum (const char *data, uint64_t n) {
  uLong crc = crc32(0, NULL, 0);
  for (const uint64_t most = 1u << 30; n > 0;) {
    uInt part = (uInt)(n < most ? n : most);
    crc = crc32(crc, (const Bytef *)data, part);
    data += part;
    n -= part;
  }
  return (uint32_t)crc;
}

mlp_Status mlpi_zip_read (mlpi_Zip *z, size_t i, char **data) {
  const mlpi_ZipMember *m = &z->member[i];
  uint64_t at = 0;
  *data = NULL;
  mlp_Status s = locate(z, m, &at);
  if (s == MLP_OK && m->method == 0 && m->packed != m->size)
    s = bad(z, m->offset, "a stored member has two sizes");
  if (s != MLP_OK) return s;
  *data = mlpi_alloc(z->rt, (size_t)m->size);
  if (*data == NULL) return MLP_ENOMEM;
  if (m->method == 0)
    memcpy(*data, z->data + at, (size_t)m->size);
  else if (!inflate_all(z->data + at, m->packed, *data, m->size))
    s = bad(z, at, "a member does not inflate to its size");
  if (s == MLP_OK && checksum(*data, m->size) != m->crc)
    s = bad(z, at, "a member's checksum is wrong: the file is damaged");
  if (s == MLP_OK) return MLP_OK;
  mlpi_free(z->rt, *data, (size_t)m->size);
  *data = NULL;
  return s;
}
