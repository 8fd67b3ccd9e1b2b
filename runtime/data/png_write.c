/*
** png_write.c - images as PNG files: filter None, by zlib alone, because a
** writer of one fixed kind is shorter than libpng's set-up.
*/
#include "data/png.h"
#include "base/io.h"

#include <string.h>
#include <zlib.h>

enum { HEADER = 8 + 25, CHUNK = 12, LEVEL = 6 };

static unsigned char *put32 (unsigned char *p, size_t v) {
  for (int shift = 24; shift >= 0; shift -= 8)
    *p++ = (unsigned char)(v >> shift);
  return p;
}

/* The CRC of a chunk whose type begins at 'type'. */
static void close_chunk (unsigned char *type, size_t n) {
  put32(type + 4 + n, crc32(crc32(0, NULL, 0), type, (uInt)(n + 4)));
}

static void put_header (unsigned char *p, size_t height, size_t width,
                        size_t channels) {
  static const unsigned char colour[] = { 0, 0, 4, 2, 6 };
  memcpy(p, "\x89PNG\r\n\x1a\n", 8);
  memcpy(put32(p + 8, 13), "IHDR", 4);
  unsigned char *to = put32(put32(p + 16, width), height);
  to[0] = 8;
  to[1] = colour[channels];
  memset(to + 2, 0, 3);
  close_chunk(p + 12, 13);
}

static unsigned char byte (const mlpi_Array *a, size_t i) {
  double v = mlpi_get(a, i);
  if (a->dtype == MLP_UINT8) return (unsigned char)v;
  v = v * 255 + 0.5;
  return v >= 255 ? 255 : v > 0 ? (unsigned char)v : 0;
}

static mlp_Status refuse (mlp_Runtime *rt, const mlpi_Array *a) {
  char text[MLPI_SHAPE_TEXT];
  return mlpi_error(
      rt, MLP_ESHAPE,
      "save_png: expected (height, width) or (height, width, 1 to "
      "4 channels) of uint8 or floats, at least 1 and at most "
      "16384 pixels a side, got %s %s",
      mlpi_dtype_name(a->dtype), mlpi_shape_text(a->ndim, a->shape, text));
}

/* Compress the rows, a 0 (no filter) before each, behind the header. */
static mlp_Status encode (mlp_Runtime *rt, const char *path,
                          const mlpi_Array *a, size_t channels) {
  size_t height = a->shape[0], line = a->shape[1] * channels;
  size_t raw_bytes = height * (line + 1);
  uLongf packed = compressBound((uLong)raw_bytes);
  size_t room = HEADER + CHUNK + packed + CHUNK;
  unsigned char *raw = mlpi_alloc(rt, raw_bytes), *out = mlpi_alloc(rt, room);
  mlp_Status s = raw == NULL || out == NULL ? MLP_ENOMEM : MLP_OK;
  for (size_t i = 0; s == MLP_OK && i < height; i++) {
    raw[i * (line + 1)] = 0;
    for (size_t j = 0; j < line; j++)
      raw[i * (line + 1) + 1 + j] = byte(a, i * line + j);
  }
  if (s == MLP_OK && compress2(out + HEADER + 8, &packed, raw, (uLong)raw_bytes,
                               LEVEL) != Z_OK)
    s = mlpi_error(rt, MLP_ENOMEM, "save_png: out of memory");
  if (s == MLP_OK) {
    put_header(out, height, a->shape[1], channels);
    memcpy(put32(out + HEADER, packed), "IDAT", 4);
    close_chunk(out + HEADER + 4, packed);
    unsigned char *end = out + HEADER + CHUNK + packed;
    memcpy(put32(end, 0), "IEND", 4);
    close_chunk(end + 4, 0);
    s = mlpi_write_file(rt, "save_png", path, out,
                        HEADER + CHUNK + packed + CHUNK);
  }
  if (raw != NULL) mlpi_free(rt, raw, raw_bytes);
  if (out != NULL) mlpi_free(rt, out, room);
  return s;
}

mlp_Status mlpi_save_png (mlp_Runtime *rt, const char *path,
                          const mlpi_Array *image) {
  const mlpi_Array *a = image;
  size_t channels = a->ndim == 3 ? a->shape[2] : 1;
  bool fits = (a->ndim == 2 || a->ndim == 3) && a->dtype != MLP_INT64 &&
              channels >= 1 && channels <= 4;
  for (int d = 0; d < 2 && fits; d++)
    fits = a->shape[d] >= 1 && a->shape[d] <= 16384;
  if (!fits) return refuse(rt, a);
  return encode(rt, path, a, channels);
}
