/*
** png_read.c - reading PNG files. libpng leaves by longjmp, which 'decode'
** catches: what it holds is in Png, and its owner frees that.
*/
#include "data/png.h"
#include "base/io.h"
#include "base/text.h"

#include <png.h>
#include <setjmp.h>
#include <string.h>

enum { SIDE_MAX = 16384, BYTES_MAX = 256 << 20, CHUNK_MAX = 8 << 20 };
enum { RATIO_MAX = 1040 }; /* deflate reaches 1032 */

typedef struct Png {
  mlp_Runtime *rt;
  const char *path;
  const char *data;
  size_t n, at;
  png_structp png;
  png_infop info;
  size_t height, width, row_bytes;
  size_t raw_row;      /* bytes of a row in the file */
  int channels, depth; /* of what libpng gives: 8 or 16 bits */
  unsigned char *pixels;
  png_bytep *row;
  char reason[200];
  bool starved; /* the allocator has refused something, and said so */
} Png;

static void on_error (png_structp png, png_const_charp text) {
  Png *p = png_get_error_ptr(png);
  if (p->reason[0] == '\0') strncpy(p->reason, text, sizeof p->reason - 1);
  longjmp(png_jmpbuf(png), 1);
}

static void on_warning (png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static void on_read (png_structp png, png_bytep to, size_t n) {
  Png *p = png_get_io_ptr(png);
  if (n > p->n - p->at) png_error(png, "the file ends too early");
  memcpy(to, p->data + p->at, n);
  p->at += n;
}

static void *get (Png *p, size_t n) {
  void *block = mlpi_alloc(p->rt, n);
  p->starved = p->starved || block == NULL;
  return block;
}

static png_voidp take (png_structp png, png_alloc_size_t n) {
  size_t *block = get(png_get_mem_ptr(png), n + 64);
  if (block == NULL) return NULL;
  *block = n + 64; /* free is not told the size */
  return (char *)block + 64;
}

static void give (png_structp png, png_voidp block) {
  Png *p = png_get_mem_ptr(png);
  if (block == NULL) return;
  size_t *start = (size_t *)(void *)((char *)block - 64);
  mlpi_free(p->rt, start, *start);
}

/* Every kind of file becomes grey, grey and alpha, RGB or RGBA, of 8 or 16
** bits. */
static void transform (Png *p) {
  int type = png_get_color_type(p->png, p->info);
  p->raw_row = png_get_rowbytes(p->png, p->info);
  if (type == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(p->png);
  if (type == PNG_COLOR_TYPE_GRAY) png_set_expand_gray_1_2_4_to_8(p->png);
  if (png_get_valid(p->png, p->info, PNG_INFO_tRNS) != 0)
    png_set_tRNS_to_alpha(p->png);
  png_set_interlace_handling(p->png);
  png_read_update_info(p->png, p->info);
  p->channels = png_get_channels(p->png, p->info);
  p->depth = png_get_bit_depth(p->png, p->info);
  p->row_bytes = png_get_rowbytes(p->png, p->info);
}

static void read_rows (Png *p) {
  size_t bytes;
  if (!mlpi_mul(p->row_bytes, p->height, &bytes) || bytes > BYTES_MAX)
    png_error(p->png, "more than 256 MiB of pixels");
  if (p->raw_row * p->height / RATIO_MAX > p->n)
    png_error(p->png, "more pixels than a file of its size can hold");
  p->pixels = get(p, bytes);
  p->row = p->pixels == NULL ? NULL : get(p, p->height * sizeof *p->row);
  if (p->row == NULL) png_error(p->png, "out of memory");
  for (size_t i = 0; i < p->height; i++)
    p->row[i] = p->pixels + i * p->row_bytes;
  png_read_image(p->png, p->row);
  png_read_end(p->png, NULL);
}

static bool decode (Png *p) {
  p->png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, p, on_error,
                                    on_warning, p, take, give);
  if (p->png == NULL) return false;
  if (setjmp(png_jmpbuf(p->png)) != 0) return false;
  p->info = png_create_info_struct(p->png);
  if (p->info == NULL) return false;
  png_set_read_fn(p->png, p, on_read);
  png_set_user_limits(p->png, SIDE_MAX, SIDE_MAX);
  png_set_chunk_malloc_max(p->png, CHUNK_MAX);
  png_set_chunk_cache_max(p->png, 64);
  png_read_info(p->png, p->info);
  p->height = png_get_image_height(p->png, p->info);
  p->width = png_get_image_width(p->png, p->info);
  transform(p);
  read_rows(p);
  return true;
}

/* Sample k (from 0) of a pixel, in 0..1. */
static float sample (const Png *p, const unsigned char *pixel, int k) {
  if (p->depth == 8) return (float)pixel[k] / 255;
  return (float)(pixel[2 * k] << 8 | pixel[2 * k + 1]) / 65535;
}

static float wanted (const Png *p, const unsigned char *pixel, int channels,
                     int k) {
  const bool grey = p->channels < 3;
  if (channels == 0) return sample(p, pixel, k);
  if (grey) return sample(p, pixel, 0);
  if (channels == 3) return sample(p, pixel, k);
  return 0.299f * sample(p, pixel, 0) + 0.587f * sample(p, pixel, 1) +
         0.114f * sample(p, pixel, 2);
}

static mlp_Status convert (const Png *p, int channels, mlp_Tensor **out) {
  const size_t c = (size_t)(channels == 0 ? p->channels : channels);
  size_t shape[] = { p->height, p->width, c };
  const size_t step = (size_t)(p->channels * (p->depth / 8));
  mlp_Status s = mlpi_tensor_new(p->rt, MLP_FLOAT32, 3, shape, out);
  if (s != MLP_OK) return s;
  float *to = (*out)->a.data;
  for (size_t i = 0; i < p->height; i++)
    for (size_t j = 0; j < p->width; j++)
      for (size_t k = 0; k < c; k++)
        *to++ = wanted(p, p->row[i] + j * step, channels, (int)k);
  return MLP_OK;
}

static mlp_Status explain (const Png *p) {
  char path[MLPI_QUOTED];
  if (p->starved) return MLP_ENOMEM;
  return mlpi_about(
      p->rt, p->path,
      mlpi_error(p->rt, MLP_EFORMAT, "png: %s: %s", mlpi_quote(p->path, path),
                 p->reason[0] != '\0' ? p->reason : "libpng gave up"));
}

mlp_Status mlpi_parse_png (mlp_Runtime *rt, const char *path, const char *data,
                           size_t n, int channels, mlp_Tensor **out) {
  Png p = { .rt = rt, .path = path, .data = data, .n = n };
  *out = NULL;
  bool done = decode(&p);
  mlp_Status s = done ? convert(&p, channels, out) : explain(&p);
  png_destroy_read_struct(&p.png, &p.info, NULL);
  if (p.pixels != NULL) mlpi_free(rt, p.pixels, p.height * p.row_bytes);
  if (p.row != NULL) mlpi_free(rt, p.row, p.height * sizeof *p.row);
  return s;
}

mlp_Status mlpi_load_png (mlp_Runtime *rt, const char *path, int channels,
                          mlp_Tensor **out) {
  char *data;
  size_t n;
  *out = NULL;
  mlp_Status s = mlpi_read_file(rt, "png", path, 0, &data, &n);
  if (s != MLP_OK) return s;
  s = mlpi_parse_png(rt, path, data, n, channels, out);
  mlpi_free(rt, data, n + 1);
  return s;
}
