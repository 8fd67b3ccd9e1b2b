/*
** series.c - lines with their bands, rules.
*/
#include "plot/canvas.h"

#include <math.h>

static const mlpi_Axis *x_axis (const mlpi_Pen *p) {
  return &p->panel->axis[MLPI_AX];
}

static const mlpi_Axis *y_axis (const mlpi_Pen *p, const mlpi_Series *s) {
  return &p->panel->axis[s->right ? MLPI_AR : MLPI_AY];
}

static bool only_grows (const mlpi_Vector *x) {
  for (size_t i = 1; i < x->n; i++)
    if (!(x->v[i] >= x->v[i - 1])) return false;
  return true;
}

/* More points than columns of pixels can show? */
static bool crowded (const mlpi_Pen *p, const mlpi_Series *s) {
  double columns = p->panel->box.x1 - p->panel->box.x0;
  return (double)s->x.n > 3 * columns && !x_axis(p)->reverse &&
         only_grows(&s->x);
}

/* One polygon from point 'from' to 'to', none of them a gap. */
static void fill_band (mlpi_Pen *p, const mlpi_Series *s, size_t from,
                       size_t to) {
  const mlpi_Axis *ax = x_axis(p), *ay = y_axis(p, s);
  cairo_t *cr = p->canvas->cr;
  cairo_new_path(cr);
  for (size_t i = from; i < to; i++)
    cairo_line_to(cr, mlpi_axis_pixel(ax, s->x.v[i]),
                  mlpi_axis_pixel(ay, s->low.v[i]));
  for (size_t i = to; i-- > from;)
    cairo_line_to(cr, mlpi_axis_pixel(ax, s->x.v[i]),
                  mlpi_axis_pixel(ay, s->high.v[i]));
  cairo_fill(cr);
}

/* The same where points are many: a bar for every column of pixels. */
static void fill_columns (mlpi_Pen *p, const mlpi_Series *s) {
  const mlpi_Axis *ax = x_axis(p), *ay = y_axis(p, s);
  double column = NAN, top = 0, bottom = 0;
  for (size_t i = 0; i <= s->x.n; i++) {
    bool last = i == s->x.n;
    double x = last ? NAN : floor(mlpi_axis_pixel(ax, s->x.v[i]));
    double a = last ? NAN : mlpi_axis_pixel(ay, s->low.v[i]);
    double b = last ? NAN : mlpi_axis_pixel(ay, s->high.v[i]);
    if (!last && isnan(x + a + b)) continue;
    if (x != column && !isnan(column))
      cairo_rectangle(p->canvas->cr, column, top, 1, bottom - top);
    if (x != column) {
      column = x;
      top = fmin(a, b);
      bottom = fmax(a, b);
    }
    top = fmin(top, fmin(a, b));
    bottom = fmax(bottom, fmax(a, b));
  }
  cairo_fill(p->canvas->cr);
}

static void draw_band (mlpi_Pen *p, const mlpi_Series *s, bool many) {
  const mlpi_Axis *ax = x_axis(p), *ay = y_axis(p, s);
  size_t from = 0;
  mlpi_set_colour(p->canvas->cr, s->colour, s->band_alpha * s->alpha);
  if (many) {
    fill_columns(p, s);
    return;
  }
  for (size_t i = 0; i <= s->x.n; i++) {
    bool gap = i == s->x.n || isnan(mlpi_axis_pixel(ax, s->x.v[i]) +
                                    mlpi_axis_pixel(ay, s->low.v[i]) +
                                    mlpi_axis_pixel(ay, s->high.v[i]));
    if (!gap) continue;
    if (i > from) fill_band(p, s, from, i);
    from = i + 1;
  }
}

void mlpi_draw_line (mlpi_Pen *p, const mlpi_Series *s) {
  const mlpi_Axis *ax = x_axis(p), *ay = y_axis(p, s);
  cairo_t *cr = p->canvas->cr;
  double alpha = s->alpha * s->colour.a;
  bool many = crowded(p, s);
  mlpi_Trace t;
  if (s->low.v != NULL) draw_band(p, s, many);
  if (s->width <= 0) return;
  bool fades = s->x.n > 50 && mlpi_fade_begin(p->canvas, alpha);
  mlpi_Colour colour = s->colour;
  colour.a = fades ? 1 : alpha;
  mlpi_set_colour(cr, colour, 1);
  mlpi_trace_begin(&t, cr, s->dash, s->width * p->canvas->pt, many);
  t.dots = true;
  for (size_t i = 0; i < s->x.n; i++)
    mlpi_trace_point(&t, mlpi_axis_pixel(ax, s->x.v[i]),
                     mlpi_axis_pixel(ay, s->y.v[i]));
  mlpi_trace_end(&t);
  if (fades) mlpi_fade_end(p->canvas, alpha);
}

void mlpi_draw_rule (mlpi_Pen *p, const mlpi_Series *s) {
  const mlpi_Box *b = &p->panel->box;
  bool upright = s->kind == MLPI_VLINE;
  const mlpi_Axis *a = upright ? x_axis(p) : y_axis(p, s);
  cairo_t *cr = p->canvas->cr;
  double width = fmax(rint(s->width * p->canvas->pt), 1);
  double half = fmod(width, 2) / 2;
  mlpi_set_colour(cr, s->colour, s->alpha);
  cairo_set_line_width(cr, width);
  mlpi_set_dash(cr, s->dash, width, 0);
  for (size_t i = 0; i < s->y.n; i++) {
    double at = floor(mlpi_axis_pixel(a, s->y.v[i])) + half;
    if (isnan(at)) continue;
    cairo_move_to(cr, upright ? at : b->x0, upright ? b->y0 : at);
    cairo_line_to(cr, upright ? at : b->x1, upright ? b->y1 : at);
    cairo_stroke(cr);
  }
}
