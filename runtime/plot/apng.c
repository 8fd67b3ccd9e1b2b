/*
** apng.c - pictures of one size as an animated PNG (W3C PNG, third edition,
** 11.3.5): the first file with acTL and a frame control before its data, the
** data of the others as fdAT. Where APNG is not known the first frame shows.
** Texts are the first frame's, but a title that not all frames have.
*/
#include "plot/plot.h"

#include <math.h>
#include <string.h>
#include <zlib.h>

static const unsigned char signature[8] = {
  137, 'P', 'N', 'G', 13, 10, 26, 10
};

static void put32 (unsigned char *p, uint32_t v) {
  for (int i = 0; i < 4; i++) p[i] = (unsigned char)(v >> (24 - 8 * i));
}

static uint32_t get32 (const unsigned char *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 |
         p[3];
}

/* A chunk of two pieces. */
static mlp_Status put_chunk (mlp_Runtime *rt, mlpi_Bytes *out, const char *name,
                             const void *a, size_t na, const void *b,
                             size_t nb) {
  unsigned char head[8], tail[4];
  put32(head, (uint32_t)(na + nb));
  memcpy(head + 4, name, 4);
  uLong crc = crc32(0, head + 4, 4);
  if (na > 0) crc = crc32(crc, a, (uInt)na);
  if (nb > 0) crc = crc32(crc, b, (uInt)nb);
  put32(tail, (uint32_t)crc);
  mlp_Status status = mlpi_bytes_add(rt, out, head, sizeof head);
  if (status == MLP_OK && na > 0) status = mlpi_bytes_add(rt, out, a, na);
  if (status == MLP_OK && nb > 0) status = mlpi_bytes_add(rt, out, b, nb);
  if (status == MLP_OK) status = mlpi_bytes_add(rt, out, tail, sizeof tail);
  return status;
}

typedef struct Movie {
  mlp_Runtime *rt;
  mlpi_Bytes *out;
  size_t frames;
  double seconds, hold;
  uint32_t rounds, sequence;
  const char *title; /* NULL: the one of all frames, if there is one */
  bool keeps_title;
} Movie;

static bool is_title (const unsigned char *chunk, size_t n) {
  return n > 6 && memcmp(chunk + 8, "Title", 6) == 0 &&
         (memcmp(chunk + 4, "tEXt", 4) == 0 ||
          memcmp(chunk + 4, "iTXt", 4) == 0);
}

/* The chunk of a frame's title, with its length; NULL: it has none. */
static const unsigned char *find_title (const mlpi_Frame *f, size_t *length) {
  const unsigned char *p = f->data + 8, *end = f->data + f->n;
  while (end - p >= 12) {
    size_t n = get32(p);
    *length = n + 12;
    if (n > (size_t)(end - p) - 12) return NULL;
    if (is_title(p, n)) return p;
    p += n + 12;
  }
  return NULL;
}

static bool same_title (const mlpi_Frame *frames, size_t n) {
  size_t n0, nk;
  const unsigned char *first = find_title(&frames[0], &n0);
  for (size_t k = 1; k < n && first != NULL; k++) {
    const unsigned char *other = find_title(&frames[k], &nk);
    if (other == NULL || nk != n0 || memcmp(first, other, n0) != 0)
      return false;
  }
  return true;
}

static mlp_Status put_title (Movie *m) {
  static const char head[] = "Title\0\0\0\0"; /* and one more: not packed */
  if (m->title == NULL) return MLP_OK;
  return put_chunk(m->rt, m->out, "iTXt", head, sizeof head, m->title,
                   strlen(m->title));
}

static mlp_Status put_control (Movie *m, size_t k, const unsigned char *ihdr) {
  unsigned char c[26] = { 0 };
  put32(c, m->sequence++);
  memcpy(c + 4, ihdr, 8); /* width, height; at 0, 0 */
  double seconds = m->seconds + (k + 1 == m->frames ? m->hold : 0);
  long ms = lrint(fmin(seconds, 65) * 1000);
  c[20] = (unsigned char)(ms >> 8);
  c[21] = (unsigned char)ms;
  c[22] = 1000 >> 8;
  c[23] = 1000 & 255;
  return put_chunk(m->rt, m->out, "fcTL", c, sizeof c, NULL, 0);
}

static mlp_Status put_start (Movie *m) {
  unsigned char c[8];
  mlp_Status status = put_title(m);
  if (status != MLP_OK) return status;
  put32(c, (uint32_t)m->frames);
  put32(c + 4, m->rounds);
  return put_chunk(m->rt, m->out, "acTL", c, sizeof c, NULL, 0);
}

/* Copy what is to be kept of frame k, whose chunk lies at p. */
static mlp_Status put_piece (Movie *m, size_t k, const unsigned char *p,
                             size_t n, bool *begun, const unsigned char *ihdr) {
  bool data = memcmp(p + 4, "IDAT", 4) == 0;
  mlp_Status status = MLP_OK;
  if (data && !*begun) {
    *begun = true;
    if (k == 0) status = put_start(m);
    if (status == MLP_OK) status = put_control(m, k, ihdr);
  }
  if (status != MLP_OK) return status;
  if (k == 0 && is_title(p, n) && !m->keeps_title) return MLP_OK;
  if (k == 0 && memcmp(p + 4, "IEND", 4) != 0)
    return mlpi_bytes_add(m->rt, m->out, p, n + 12);
  if (!data) return MLP_OK;
  unsigned char number[4];
  put32(number, m->sequence++);
  return put_chunk(m->rt, m->out, "fdAT", number, 4, p + 8, n);
}

static mlp_Status put_frame (Movie *m, size_t k, const mlpi_Frame *f) {
  const unsigned char *p = f->data + 8, *end = f->data + f->n;
  const unsigned char *ihdr = p + 8;
  bool begun = false;
  mlp_Status status = MLP_OK;
  while (status == MLP_OK && end - p >= 12) {
    size_t n = get32(p);
    if (n > (size_t)(end - p) - 12) break;
    status = put_piece(m, k, p, n, &begun, ihdr);
    p += n + 12;
  }
  return status;
}

static mlp_Status check_frames (mlp_Runtime *rt, const mlpi_Frame *f,
                                size_t n) {
  for (size_t i = 0; i < n; i++) {
    if (f[i].n < 45 || memcmp(f[i].data, signature, 8) != 0)
      return mlpi_error(rt, MLP_EARG,
                        "animate: expected PNG pictures, got something else "
                        "at index %zu",
                        i + 1);
    const unsigned char *a = f[0].data + 16, *b = f[i].data + 16;
    if (memcmp(a, b, 13) != 0) /* IHDR: size and kind of pixels */
      return mlpi_error(rt, MLP_ESHAPE,
                        "animate: expected pictures of one size, got %u x %u "
                        "and, at index %zu, %u x %u",
                        get32(a), get32(a + 4), i + 1, get32(b), get32(b + 4));
  }
  return MLP_OK;
}

mlp_Status mlpi_animate (mlp_Runtime *rt, const mlpi_Frame *frames, size_t n,
                         double seconds, double hold, int rounds,
                         const char *title, mlpi_Bytes *out) {
  Movie m = { .rt = rt,
              .out = out,
              .frames = n,
              .seconds = seconds,
              .hold = hold,
              .rounds = (uint32_t)rounds,
              .title = title };
  mlp_Status status = check_frames(rt, frames, n);
  m.keeps_title = status == MLP_OK && title == NULL && same_title(frames, n);
  if (status == MLP_OK) status = mlpi_bytes_add(rt, out, signature, 8);
  for (size_t i = 0; i < n && status == MLP_OK; i++)
    status = put_frame(&m, i, &frames[i]);
  if (status == MLP_OK) status = put_chunk(rt, out, "IEND", NULL, 0, NULL, 0);
  if (status != MLP_OK) mlpi_bytes_drop(rt, out);
  return status;
}
