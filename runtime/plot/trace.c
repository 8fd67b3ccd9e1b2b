/*
** trace.c - long lines in pieces that cairo can stroke in time.
*/
#include "plot/canvas.h"

#include <math.h>

enum { PIECE = 100 }; /* points a stroke */

void mlpi_set_dash (cairo_t *cr, int dash, double width, double offset) {
  static const double patterns[][4] = { { 0 }, /* matplotlib's, in widths */
                                        { 3.7, 1.6 },
                                        { 1, 1.65 },
                                        { 6.4, 1.6, 1, 1.6 } };
  static const int lengths[] = { 0, 2, 2, 4 };
  double scaled[4];
  for (int i = 0; i < 4; i++) scaled[i] = patterns[dash][i] * width;
  cairo_set_dash(cr, scaled, lengths[dash], offset);
  cairo_set_line_cap(cr, dash == MLPI_SOLID ? CAIRO_LINE_CAP_ROUND
                                            : CAIRO_LINE_CAP_BUTT);
}

void mlpi_trace_begin (mlpi_Trace *t, cairo_t *cr, int dash, double width,
                       bool reduce) {
  cairo_surface_type_t target = cairo_surface_get_type(cairo_get_target(cr));
  *t = (mlpi_Trace){ .cr = cr,
                     .dash = dash,
                     .width = width,
                     .reduce = reduce,
                     .whole = target != CAIRO_SURFACE_TYPE_IMAGE,
                     .column = NAN };
  cairo_set_line_width(cr, width);
  cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
  cairo_new_path(cr);
}

static void stroke (mlpi_Trace *t, double start) {
  mlpi_set_dash(t->cr, t->dash, t->width, start);
  cairo_stroke(t->cr);
}

static void put (mlpi_Trace *t, double x, double y) {
  if (t->n == 0) {
    cairo_move_to(t->cr, x, y);
    t->length = 0;
  } else {
    cairo_line_to(t->cr, x, y);
    if (t->dash != MLPI_SOLID) t->length += hypot(x - t->x, y - t->y);
  }
  t->x = x;
  t->y = y;
  if (++t->n % PIECE != 0 || t->whole) return;
  double begun = t->length;
  stroke(t, t->begun);
  t->begun = begun;
  cairo_move_to(t->cr, x, y);
}

/* First, extremes in the order in which they came, last. */
static void put_column (mlpi_Trace *t) {
  if (isnan(t->column)) return;
  double middle = (t->x0 + t->x1) / 2;
  put(t, t->x0, t->y0);
  if (t->low < fmin(t->y0, t->y1) || t->high > fmax(t->y0, t->y1)) {
    put(t, middle, t->low_first ? t->low : t->high);
    put(t, middle, t->low_first ? t->high : t->low);
  }
  if (t->x1 != t->x0 || t->y1 != t->y0) put(t, t->x1, t->y1);
  t->column = NAN;
}

static void gather (mlpi_Trace *t, double x, double y) {
  if (floor(x) != t->column) {
    put_column(t);
    t->column = floor(x);
    t->x0 = x;
    t->y0 = t->low = t->high = y;
  }
  t->x1 = x;
  t->y1 = y;
  if (y < t->low) t->low_first = false;
  if (y > t->high) t->low_first = true;
  t->low = fmin(t->low, y);
  t->high = fmax(t->high, y);
}

void mlpi_trace_point (mlpi_Trace *t, double x, double y) {
  if (!isfinite(x + y))
    mlpi_trace_end(t);
  else if (t->reduce)
    gather(t, x, y);
  else if (t->n == 0 || fabs(x - t->x) + fabs(y - t->y) > .1)
    put(t, x, y);
}

/* A point between two gaps, or all there is. */
static void dot (const mlpi_Trace *t) {
  cairo_new_path(t->cr);
  cairo_arc(t->cr, t->x, t->y, (t->dots ? 1.5 : .5) * t->width, 0,
            2 * acos(-1));
  cairo_fill(t->cr);
}

void mlpi_trace_end (mlpi_Trace *t) {
  put_column(t);
  if (t->n == 1) dot(t);
  if (t->n > 1) stroke(t, t->begun);
  t->n = 0;
  t->begun = 0;
}

bool mlpi_fade_begin (const mlpi_Canvas *c, double alpha) {
  bool needed = alpha < 1 && c->pixels != NULL;
  if (needed) cairo_push_group(c->cr);
  return needed;
}

void mlpi_fade_end (const mlpi_Canvas *c, double alpha) {
  cairo_pop_group_to_source(c->cr);
  cairo_paint_with_alpha(c->cr, alpha);
}
