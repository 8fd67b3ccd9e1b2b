/*
** canvas.h - pixels, pen and letters: what the drawing files share.
*/
#ifndef canvas_h
#define canvas_h

#include "plot/plot.h"

#include <cairo.h>

typedef struct mlpi_Canvas {
  mlp_Runtime *rt;
  cairo_surface_t *surface;
  cairo_t *cr;
  unsigned char *pixels; /* 0xAARRGGBB in native order, (height, width); NULL
                            where the picture is kept as shapes */
  size_t bytes;
  int width, height;
  double pt; /* pixels a point */
} mlpi_Canvas;

mlp_Status mlpi_canvas_open (mlp_Runtime *rt, int width, int height, double pt,
                             mlpi_Colour back, mlpi_Canvas *c);
/* A page whose shapes go into f->out (vector.c). */
mlp_Status mlpi_vector_open (mlpi_Figure *f, mlpi_Format format,
                             mlpi_Canvas *c);
mlp_Status mlpi_vector_finish (mlpi_Figure *f, mlpi_Format format,
                               mlpi_Canvas *c);
void mlpi_canvas_close (mlpi_Canvas *c);
/* MLP_OK, or what cairo has met since the canvas was opened. */
mlp_Status mlpi_canvas_status (mlpi_Canvas *c);

void mlpi_set_colour (cairo_t *cr, mlpi_Colour c, double alpha);

/* Letters: outlines of the one embedded font, unhinted, at any place. */
typedef struct mlpi_Font mlpi_Font;

/* How far a text reaches from the start of its base line, in ems. */
typedef struct mlpi_Ink {
  double advance, x0, y0, x1, y1; /* y downwards */
} mlpi_Ink;

mlp_Status mlpi_font_open (mlp_Runtime *rt, mlpi_Font **out);
void mlpi_font_close (mlpi_Font *f);
void mlpi_font_measure (mlpi_Font *f, const char *text, mlpi_Ink *out);
/* Fill the text with the current source; size in pixels. */
void mlpi_font_draw (mlpi_Font *f, cairo_t *cr, const char *text, double size,
                     double x, double y, double angle);

/* Drawing of one series; the caller clips to the panel. */
typedef struct mlpi_Pen {
  mlpi_Canvas *canvas;
  const mlpi_Figure *figure;
  const mlpi_Panel *panel;
} mlpi_Pen;

typedef mlp_Status (*mlpi_DrawSeries)(mlpi_Pen *p, const mlpi_Series *s);
/* Draw as pixels, into what is a picture of shapes. */
mlp_Status mlpi_draw_picture (mlpi_Pen *p, const mlpi_Series *s,
                              mlpi_DrawSeries draw);

double mlpi_axis_pixel (const mlpi_Axis *a, double v); /* NaN: not shown */
void mlpi_set_dash (cairo_t *cr, int dash, double width, double offset);

/*
** A long line on its way to cairo, whose stroker takes time that grows with
** the square of the points: at most 100 at a time, and where x only grows and
** points are many, no more than four for each column of pixels. Pieces of a
** pale line overlap at their ends: it is drawn opaque between begin and end of
** mlpi_fade, which does nothing where lines are in one piece.
*/
typedef struct mlpi_Trace {
  cairo_t *cr;
  int dash;
  double width;         /* pixels */
  bool reduce;          /* x only grows and there are many points */
  bool whole;           /* shapes: written, not stroked, and so in one piece */
  bool dots;            /* make points that stand alone larger */
  int n;                /* points in cairo's path */
  double length, begun; /* of the line, now and where the path starts */
  double x, y;          /* the last point */
  double column;        /* of pixels, the one being gathered; NaN: none */
  double x0, y0, x1, y1, low, high; /* its first, last, extreme points */
  bool low_first;
} mlpi_Trace;

void mlpi_trace_begin (mlpi_Trace *t, cairo_t *cr, int dash, double width,
                       bool reduce);
void mlpi_trace_point (mlpi_Trace *t, double x, double y); /* NaN: a gap */
void mlpi_trace_end (mlpi_Trace *t);
bool mlpi_fade_begin (const mlpi_Canvas *c, double alpha); /* is it needed? */
void mlpi_fade_end (const mlpi_Canvas *c, double alpha);

void mlpi_draw_line (mlpi_Pen *p, const mlpi_Series *s);
void mlpi_draw_boxes (mlpi_Pen *p, const mlpi_Series *s);
void mlpi_draw_segments (mlpi_Pen *p, const mlpi_Series *s);
void mlpi_draw_whiskers (mlpi_Pen *p, const mlpi_Series *s);
void mlpi_draw_rule (mlpi_Pen *p, const mlpi_Series *s);
mlp_Status mlpi_draw_scatter (mlpi_Pen *p, const mlpi_Series *s);
mlp_Status mlpi_draw_image (mlpi_Pen *p, const mlpi_Series *s);
mlp_Status mlpi_draw_contour (mlpi_Pen *p, const mlpi_Series *s);
/* Where a matrix lies, in pixels: row 1 at y0, column 1 at x0. NaN: nowhere. */
mlpi_Box mlpi_extent_box (const mlpi_Panel *p, const mlpi_Series *s);
/* A marker filled with the colour, edged where the series has an edge. */
void mlpi_draw_marker (cairo_t *cr, double pt, const mlpi_Series *s,
                       mlpi_Colour colour, double x, double y);
/* Paint the map from its low end at the bottom of a box to the top. */
void mlpi_draw_map (mlpi_Pen *p, const mlpi_Series *s, mlpi_Box box);

/* An arrow from here to there; everything in pixels. */
void mlpi_draw_arrow (cairo_t *cr, double x0, double y0, double x1, double y1,
                      double head, double width);
/* A path with round corners. */
void mlpi_round_box (cairo_t *cr, mlpi_Box b, double radius);

/* Limits of the colour map of a series. */
void mlpi_map_limits (const mlpi_Series *s, double *lo, double *hi);
double mlpi_map_share (const mlpi_Series *s, double lo, double hi, double v);
void mlpi_bar_axis (const mlpi_Panel *p, mlpi_Axis *out);
/* The colour of the i-th of the points, boxes, segments; false: of none. */
bool mlpi_item_colour (const mlpi_Figure *f, const mlpi_Series *s, size_t i,
                       double lo, double hi, mlpi_Colour *out);
/* Where a value lies between them, in steps if the series has shades. */
double mlpi_map_position (const mlpi_Series *s, double t);
mlpi_Colour mlpi_class_colour (const mlpi_Figure *f, const mlpi_Series *s,
                               int class);

/* Encode as PNG into f->out (png.c). */
mlp_Status mlpi_png_encode (const mlpi_Canvas *c, mlpi_Figure *f);

#endif
