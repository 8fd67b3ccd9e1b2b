/*
** zip_write.c - writing zip files.
*/
#include "data/zip.h"
#include "base/io.h"
#include "base/text.h"

#include <string.h>
#include <zlib.h>

enum { LOCAL = 30, CENTRAL = 46, END = 22, LEVEL = 6 };

/* A file that grows in memory. */
typedef struct Out {
  mlp_Runtime *rt;
  unsigned char *data;
  size_t n, room;
} Out;

static unsigned char *grow (Out *o, size_t n) {
  size_t need = o->n + n, room = o->room;
  if (need > room) {
    room = need + need / 2;
    unsigned char *p = mlpi_realloc(o->rt, o->data, o->room, room);
    if (p == NULL) return NULL;
    o->data = p;
    o->room = room;
  }
  o->n += n;
  return o->data + o->n - n;
}

static unsigned char *put (unsigned char *p, uint64_t v, int size) {
  for (int i = 0; i < size; i++, v >>= 8) *p++ = (unsigned char)v;
  return p;
}

typedef struct Entry {
  uint32_t crc, packed, size, offset;
  int method;
} Entry;

/* The fields that the local header and the directory share. */
static unsigned char *put_common (unsigned char *p, const Entry *e,
                                  size_t name) {
  p = put(p, 20, 2);    /* version 2.0 */
  p = put(p, 0x800, 2); /* names are UTF-8 */
  p = put(p, (uint64_t)e->method, 2);
  p = put(p, 0x00210000, 4); /* 1980-01-01 00:00 */
  p = put(p, e->crc, 4);
  p = put(p, e->packed, 4);
  p = put(p, e->size, 4);
  p = put(p, name, 2);
  return put(p, 0, 2); /* no extra field */
}

static bool pack (Out *o, const mlpi_ZipContent *c, Entry *e) {
  z_stream s = { .next_in = (Bytef *)c->data, .avail_in = (uInt)c->n };
  size_t at = o->n;
  if (deflateInit2(&s, LEVEL, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) !=
      Z_OK)
    return false;
  size_t most = deflateBound(&s, (uLong)c->n);
  s.next_out = grow(o, most);
  s.avail_out = (uInt)most;
  bool done = s.next_out != NULL && deflate(&s, Z_FINISH) == Z_STREAM_END;
  e->packed = (uint32_t)s.total_out;
  e->method = 8;
  deflateEnd(&s);
  o->n = at + e->packed;
  return done;
}

static bool add (Out *o, const mlpi_ZipContent *c, bool packed, Entry *e) {
  size_t name = strlen(c->name), head = o->n;
  *e = (Entry){ .offset = (uint32_t)head, .size = (uint32_t)c->n };
  e->crc =
      (uint32_t)crc32(crc32(0, NULL, 0), (const Bytef *)c->data, (uInt)c->n);
  unsigned char *p = grow(o, LOCAL + name);
  if (p == NULL) return false;
  memcpy(p + LOCAL, c->name, name);
  if (packed) {
    if (!pack(o, c, e)) return false;
  } else {
    unsigned char *to = grow(o, c->n);
    if (to == NULL) return false;
    memcpy(to, c->data, c->n);
    e->packed = e->size;
  }
  put_common(put(o->data + head, 0x04034b50, 4), e, name);
  return true;
}

static bool add_directory (Out *o, size_t n, const mlpi_ZipContent *c,
                           const Entry *e) {
  size_t start = o->n;
  for (size_t i = 0; i < n; i++) {
    size_t name = strlen(c[i].name);
    unsigned char *p = grow(o, CENTRAL + name);
    if (p == NULL) return false;
    memcpy(p + CENTRAL, c[i].name, name);
    p = put_common(put(put(p, 0x02014b50, 4), 20, 2), &e[i], name);
    p = put(put(put(p, 0, 2), 0, 2), 0, 2); /* comment, disk, attributes */
    put(put(p, 0, 4), e[i].offset, 4);
  }
  size_t size = o->n - start;
  unsigned char *p = grow(o, END);
  if (p == NULL) return false;
  p = put(put(p, 0x06054b50, 4), 0, 4);
  p = put(put(p, n, 2), n, 2);
  put(put(put(p, size, 4), start, 4), 0, 2);
  return true;
}

static mlp_Status check_limits (mlp_Runtime *rt, const char *who, size_t n,
                                const mlpi_ZipContent *c) {
  uint64_t all = 0;
  for (size_t i = 0; i < n; i++) {
    all += c[i].n + strlen(c[i].name) * 2 + LOCAL + CENTRAL + 64;
    if (all > 0xf0000000 || strlen(c[i].name) > 1000)
      return mlpi_error(rt, MLP_EARG,
                        "%s: expected less than 3.75 GiB, and names of at most "
                        "1000 bytes",
                        who);
  }
  if (n < 65535) return MLP_OK;
  return mlpi_error(rt, MLP_EARG,
                    "%s: expected fewer than 65535 members, got "
                    "%zu",
                    who, n);
}

mlp_Status mlpi_zip_write (mlp_Runtime *rt, const char *who, const char *path,
                           size_t n, const mlpi_ZipContent *members,
                           bool packed) {
  Out o = { .rt = rt };
  mlp_Status s = check_limits(rt, who, n, members);
  if (s != MLP_OK) return s;
  Entry *e = mlpi_calloc(rt, n, sizeof *e);
  if (e == NULL) return MLP_ENOMEM;
  bool done = true;
  for (size_t i = 0; i < n && done; i++)
    done = add(&o, &members[i], packed, &e[i]);
  done = done && add_directory(&o, n, members, e);
  s = done ? mlpi_write_file(rt, who, path, o.data, o.n)
           : mlpi_error(rt, MLP_ENOMEM, "%s: out of memory", who);
  mlpi_free(rt, o.data, o.room);
  mlpi_free(rt, e, n * sizeof *e);
  return s;
}
