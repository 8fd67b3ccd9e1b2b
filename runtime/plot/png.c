/*
** png.c - a canvas as PNG bytes: libpng's row interface, to memory. What the
** run was is told in text chunks; nothing that differs between two runs of
** the same script (time, machine, path) is.
*/
#include "plot/canvas.h"

#include <math.h>
#include <png.h>
#include <setjmp.h>
#include <string.h>

typedef struct Sink {
  mlp_Runtime *rt;
  mlpi_Bytes *out;
  unsigned char *row; /* of RGB */
  size_t row_bytes;
  png_structp png;
  png_infop info;
} Sink;

static void on_error (png_structp png, png_const_charp text) {
  Sink *s = png_get_error_ptr(png);
  if (s->rt->error[0] == '\0')
    mlpi_error(s->rt, MLP_ENOMEM, "plot: libpng says: %s", text);
  longjmp(png_jmpbuf(png), 1);
}

static void on_warning (png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static void on_write (png_structp png, png_bytep data, size_t n) {
  Sink *s = png_get_io_ptr(png);
  if (mlpi_bytes_add(s->rt, s->out, data, n) != MLP_OK)
    png_error(png, "out of memory");
}

static void on_flush (png_structp png) { (void)png; }

/* ASCII goes into tEXt, the rest as UTF-8 into iTXt. */
static void put_text (Sink *s, const char *key, const char *value) {
  char k[80];
  png_text t = { .compression = PNG_TEXT_COMPRESSION_NONE };
  strncpy(k, key, sizeof k - 1);
  k[sizeof k - 1] = '\0';
  for (const char *p = value; *p != '\0'; p++)
    if ((unsigned char)*p >= 0x80) t.compression = PNG_ITXT_COMPRESSION_NONE;
  t.key = k;
  t.text = (char *)(uintptr_t)value; /* libpng only reads it */
  t.text_length = strlen(value);
  png_set_text(s->png, s->info, &t, 1);
}

static void put_header (Sink *s, const mlpi_Canvas *c, const mlpi_Figure *f) {
  png_uint_32 per_metre = (png_uint_32)lrint(f->dpi / .0254);
  png_set_write_fn(s->png, s, on_write, on_flush);
  png_set_compression_level(s->png, 2);
  png_set_filter(s->png, 0, PNG_FILTER_UP);
  png_set_IHDR(s->png, s->info, (png_uint_32)c->width, (png_uint_32)c->height,
               8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_set_pHYs(s->png, s->info, per_metre, per_metre, PNG_RESOLUTION_METER);
  put_text(s, "Software", "mlprun " MLP_VERSION);
  for (const mlpi_Meta *m = f->meta; m != NULL; m = m->next)
    put_text(s, m->key, m->value);
  png_write_info(s->png, s->info);
}

/* The paper is opaque, so that every pixel is. */
static void put_rows (Sink *s, const mlpi_Canvas *c) {
  cairo_surface_flush(c->surface);
  for (int y = 0; y < c->height; y++) {
    const uint32_t *from = (const uint32_t *)(const void *)c->pixels +
                           (size_t)y * (size_t)c->width;
    unsigned char *to = s->row;
    for (int x = 0; x < c->width; x++, to += 3) {
      to[0] = (unsigned char)(from[x] >> 16);
      to[1] = (unsigned char)(from[x] >> 8);
      to[2] = (unsigned char)from[x];
    }
    png_write_row(s->png, s->row);
  }
  png_write_end(s->png, NULL);
}

static mlp_Status encode (Sink *s, const mlpi_Canvas *c, const mlpi_Figure *f) {
  s->rt->error[0] = '\0'; /* tells on_error whether we know the reason */
  s->png =
      png_create_write_struct(PNG_LIBPNG_VER_STRING, s, on_error, on_warning);
  if (s->png == NULL) return MLP_ENOMEM;
  if (setjmp(png_jmpbuf(s->png)) != 0) return MLP_ENOMEM;
  s->info = png_create_info_struct(s->png);
  if (s->info == NULL) return MLP_ENOMEM;
  put_header(s, c, f);
  put_rows(s, c);
  return MLP_OK;
}

mlp_Status mlpi_png_encode (const mlpi_Canvas *c, mlpi_Figure *f) {
  Sink s = { .rt = c->rt, .out = &f->out, .row_bytes = (size_t)c->width * 3 };
  s.row = mlpi_alloc(s.rt, s.row_bytes);
  if (s.row == NULL) return MLP_ENOMEM;
  mlp_Status status = encode(&s, c, f);
  png_destroy_write_struct(&s.png, &s.info);
  mlpi_free(s.rt, s.row, s.row_bytes);
  if (status != MLP_OK && s.rt->error[0] == '\0')
    mlpi_error(s.rt, status, "plot: libpng found no memory");
  return status;
}
