/*
** canvas.c - a cairo image surface over memory that we count.
*/
#include "plot/canvas.h"

#include <string.h>

mlp_Status mlpi_canvas_open (mlp_Runtime *rt, int width, int height, double pt,
                             mlpi_Colour back, mlpi_Canvas *c) {
  int stride = cairo_format_stride_for_width(CAIRO_FORMAT_ARGB32, width);
  *c = (mlpi_Canvas){ .rt = rt, .width = width, .height = height, .pt = pt };
  c->bytes = (size_t)stride * (size_t)height;
  c->pixels = mlpi_calloc(rt, c->bytes, 1);
  if (c->pixels == NULL) return MLP_ENOMEM;
  c->surface = cairo_image_surface_create_for_data(
      c->pixels, CAIRO_FORMAT_ARGB32, width, height, stride);
  c->cr = cairo_create(c->surface);
  mlpi_set_colour(c->cr, back, 1);
  cairo_paint(c->cr);
  mlp_Status status = mlpi_canvas_status(c);
  if (status != MLP_OK) mlpi_canvas_close(c);
  return status;
}

void mlpi_canvas_close (mlpi_Canvas *c) {
  if (c->cr != NULL) cairo_destroy(c->cr);
  if (c->surface != NULL) cairo_surface_destroy(c->surface);
  mlpi_free(c->rt, c->pixels, c->bytes);
  *c = (mlpi_Canvas){ .rt = c->rt };
}

mlp_Status mlpi_canvas_status (mlpi_Canvas *c) {
  cairo_status_t s = cairo_status(c->cr);
  if (s == CAIRO_STATUS_SUCCESS) s = cairo_surface_status(c->surface);
  if (s == CAIRO_STATUS_SUCCESS) return MLP_OK;
  return mlpi_error(c->rt,
                    s == CAIRO_STATUS_NO_MEMORY ? MLP_ENOMEM : MLP_ESTATE,
                    "plot: cairo says: %s", cairo_status_to_string(s));
}

void mlpi_set_colour (cairo_t *cr, mlpi_Colour c, double alpha) {
  cairo_set_source_rgba(cr, c.r, c.g, c.b, c.a * alpha);
}

mlp_Status mlpi_draw_picture (mlpi_Pen *p, const mlpi_Series *s,
                              mlpi_DrawSeries draw) {
  mlpi_Canvas inner;
  const mlpi_Canvas *c = p->canvas;
  mlp_Status status = mlpi_canvas_open(c->rt, c->width, c->height, c->pt,
                                       (mlpi_Colour){ .a = 0 }, &inner);
  if (status != MLP_OK) return status;
  mlpi_Pen pen = { &inner, p->figure, p->panel };
  status = draw(&pen, s);
  cairo_surface_flush(inner.surface);
  cairo_set_source_surface(c->cr, inner.surface, 0, 0);
  cairo_paint(c->cr);
  cairo_set_source_rgb(c->cr, 0, 0, 0); /* lets go of the inner surface */
  mlpi_canvas_close(&inner);
  return status;
}
