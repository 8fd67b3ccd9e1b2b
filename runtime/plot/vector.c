/*
** vector.c - pictures made of shapes: SVG and PDF, by cairo, to memory. What
** cairo adds of its own (the time, numbers that count up through the process)
** is taken out again, so that one script gives the same bytes twice.
*/
#include "plot/canvas.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static cairo_status_t on_write (void *ud, const unsigned char *data,
                                unsigned int n) {
  mlpi_Figure *f = ud;
  return mlpi_bytes_add(f->rt, &f->out, data, n) == MLP_OK
             ? CAIRO_STATUS_SUCCESS
             : CAIRO_STATUS_NO_MEMORY;
}

static const char *meta_of (const mlpi_Figure *f, const char *key) {
  for (const mlpi_Meta *m = f->meta; m != NULL; m = m->next)
    if (strcmp(m->key, key) == 0) return m->value;
  return NULL;
}

/* "key: value" of every text, one a line. */
static mlp_Status add_meta (const mlpi_Figure *f, mlpi_Bytes *out) {
  mlp_Status status = MLP_OK;
  static const char software[] = "Software: mlprun " MLP_VERSION;
  status = mlpi_bytes_add(f->rt, out, software, sizeof software - 1);
  for (const mlpi_Meta *m = f->meta; m != NULL && status == MLP_OK;
       m = m->next) {
    status = mlpi_bytes_add(f->rt, out, "\n", 1);
    if (status == MLP_OK)
      status = mlpi_bytes_add(f->rt, out, m->key, strlen(m->key));
    if (status == MLP_OK) status = mlpi_bytes_add(f->rt, out, ": ", 2);
    if (status == MLP_OK)
      status = mlpi_bytes_add(f->rt, out, m->value, strlen(m->value));
  }
  return status;
}

static mlp_Status set_pdf_meta (mlpi_Figure *f, cairo_surface_t *surface) {
  mlpi_Bytes text = { .n = 0 };
  const char *title = meta_of(f, "Title");
  mlp_Status status = add_meta(f, &text);
  if (status == MLP_OK) status = mlpi_bytes_add(f->rt, &text, "", 1);
  if (status == MLP_OK) {
    if (title != NULL)
      cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, title);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR,
                                   "mlprun " MLP_VERSION);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_KEYWORDS,
                                   (char *)text.data);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE,
                                   "2000-01-01T00:00:00Z");
  }
  mlpi_bytes_drop(f->rt, &text);
  return status;
}

mlp_Status mlpi_vector_open (mlpi_Figure *f, mlpi_Format format,
                             mlpi_Canvas *c) {
  double w = f->width * 72, h = f->height * 72;
  *c = (mlpi_Canvas){
    .rt = f->rt, .width = f->pixels_x, .height = f->pixels_y, .pt = f->pt
  };
  c->surface = format == MLPI_SVG
                   ? cairo_svg_surface_create_for_stream(on_write, f, w, h)
                   : cairo_pdf_surface_create_for_stream(on_write, f, w, h);
  c->cr = cairo_create(c->surface);
  mlp_Status status = mlpi_canvas_status(c);
  if (status == MLP_OK && format == MLPI_PDF)
    status = set_pdf_meta(f, c->surface);
  if (status != MLP_OK) {
    mlpi_canvas_close(c);
    return status;
  }
  cairo_surface_set_fallback_resolution(c->surface, f->dpi, f->dpi);
  cairo_scale(c->cr, 1 / f->pt, 1 / f->pt); /* pixels, as in the scene */
  mlpi_set_colour(c->cr, f->theme->back, 1);
  cairo_paint(c->cr);
  return MLP_OK;
}

/* Text for XML. */
static mlp_Status add_escaped (mlp_Runtime *rt, mlpi_Bytes *out, const char *s,
                               size_t n) {
  mlp_Status status = MLP_OK;
  for (size_t i = 0; i < n && status == MLP_OK; i++) {
    const char *name = s[i] == '<'   ? "&lt;"
                       : s[i] == '>' ? "&gt;"
                       : s[i] == '&' ? "&amp;"
                                     : NULL;
    bool control = (unsigned char)s[i] < 32 && s[i] != '\n';
    status = name != NULL ? mlpi_bytes_add(rt, out, name, strlen(name))
                          : mlpi_bytes_add(rt, out, control ? " " : s + i, 1);
  }
  return status;
}

/* The texts as the element <desc>, which is first in the picture. */
static mlp_Status add_description (mlpi_Figure *f, mlpi_Bytes *out) {
  mlpi_Bytes text = { .n = 0 };
  mlp_Status status = add_meta(f, &text);
  if (status == MLP_OK) status = mlpi_bytes_add(f->rt, out, "\n<desc>", 7);
  if (status == MLP_OK)
    status = add_escaped(f->rt, out, (char *)text.data, text.n);
  if (status == MLP_OK) status = mlpi_bytes_add(f->rt, out, "</desc>", 7);
  mlpi_bytes_drop(f->rt, &text);
  return status;
}

/* Where a number of cairo's ends that counts through the process, such as the
** 7 of "surface7", in id="surface7" or "#surface7"; NULL: here is none. */
static const char *counter_end (const char *p, const char *end) {
  static const char *const words[] = { "surface", "clip",   "mask",
                                       "image",   "linear", "radial",
                                       "pattern", "source", "glyph" };
  if (p[-1] != '"' && p[-1] != '#') return NULL;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    size_t n = strlen(words[i]);
    if ((size_t)(end - p) <= n || memcmp(p, words[i], n) != 0) continue;
    const char *q = p + n;
    while (q < end && *q >= '0' && *q <= '9') q++;
    if (q > p + n) return q;
  }
  return NULL;
}

/* Numbers in the order in which they come. */
enum { IDS = 4096 };
typedef struct Ids {
  unsigned long seen[IDS];
  int n;
} Ids;

static unsigned long renumbered (Ids *ids, unsigned long id) {
  for (int i = 0; i < ids->n; i++)
    if (ids->seen[i] == id) return (unsigned long)i;
  if (ids->n == IDS) return id;
  ids->seen[ids->n] = id;
  return (unsigned long)ids->n++;
}

static mlp_Status add_renumbered (mlp_Runtime *rt, Ids *ids, mlpi_Bytes *out,
                                  const char *p, const char *end) {
  const char *from = p;
  mlp_Status status = MLP_OK;
  for (; p < end && status == MLP_OK; p++) {
    const char *q = counter_end(p, end);
    if (q == NULL) continue;
    while (*p < '0' || *p > '9') p++;
    unsigned long id = 0;
    char number[24];
    for (const char *d = p; d < q; d++) id = id * 10 + (unsigned)(*d - '0');
    int n = snprintf(number, sizeof number, "%lu", renumbered(ids, id));
    status = mlpi_bytes_add(rt, out, from, (size_t)(p - from));
    if (status == MLP_OK) status = mlpi_bytes_add(rt, out, number, (size_t)n);
    from = q;
    p = q - 1;
  }
  if (status != MLP_OK) return status;
  return mlpi_bytes_add(rt, out, from, (size_t)(end - from));
}

static mlp_Status clean_svg (mlpi_Figure *f) {
  mlpi_Bytes out = { .n = 0 };
  const char *p = (const char *)f->out.data, *end = p + f->out.n;
  Ids *ids = mlpi_calloc(f->rt, 1, sizeof *ids);
  if (ids == NULL) return MLP_ENOMEM;
  const char *svg = p; /* the end of the tag <svg ...> */
  while (svg + 4 < end && memcmp(svg, "<svg", 4) != 0) svg++;
  while (svg < end && *svg != '>') svg++;
  if (svg < end) svg++;
  mlp_Status status = mlpi_bytes_add(f->rt, &out, p, (size_t)(svg - p));
  if (status == MLP_OK) status = add_description(f, &out);
  if (status == MLP_OK) status = add_renumbered(f->rt, ids, &out, svg, end);
  mlpi_free(f->rt, ids, sizeof *ids);
  if (status != MLP_OK) {
    mlpi_bytes_drop(f->rt, &out);
    return status;
  }
  mlpi_bytes_drop(f->rt, &f->out);
  f->out = out;
  return MLP_OK;
}

mlp_Status mlpi_vector_finish (mlpi_Figure *f, mlpi_Format format,
                               mlpi_Canvas *c) {
  cairo_show_page(c->cr);
  mlp_Status status = mlpi_canvas_status(c);
  if (status != MLP_OK) return status;
  cairo_surface_finish(c->surface);
  cairo_status_t s = cairo_surface_status(c->surface);
  if (s == CAIRO_STATUS_NO_MEMORY) return MLP_ENOMEM;
  if (s != CAIRO_STATUS_SUCCESS)
    return mlpi_error(f->rt, MLP_ESTATE, "plot: cairo says: %s",
                      cairo_status_to_string(s));
  return format == MLPI_SVG ? clean_svg(f) : MLP_OK;
}
