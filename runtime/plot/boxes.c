/*
** boxes.c - bars, boxes, straight pieces with and without heads, whiskers.
*/
#include "plot/canvas.h"

#include <math.h>

bool mlpi_item_colour (const mlpi_Figure *f, const mlpi_Series *s, size_t i,
                       double lo, double hi, mlpi_Colour *out) {
  *out = s->colour;
  if (s->c.v == NULL) return true;
  if (!s->by_value) {
    *out = mlpi_class_colour(f, s, (int)s->c.v[i]);
    return true;
  }
  double t = mlpi_map_share(s, lo, hi, s->c.v[i]);
  if (isnan(t)) return false;
  *out = mlpi_map_colour(&s->map, mlpi_map_position(s, t));
  return true;
}

static const mlpi_Axis *y_axis (const mlpi_Pen *p, const mlpi_Series *s) {
  return &p->panel->axis[s->right ? MLPI_AR : MLPI_AY];
}

/* An end of a box: infinite, or 0 on a logarithmic axis, is that of the axes.
 */
static double edge (const mlpi_Axis *a, double v, double first, double last) {
  if (isnan(v)) return NAN;
  if (v == -HUGE_VAL || (a->log && v <= 0)) return a->scale < 0 ? last : first;
  if (v == HUGE_VAL) return a->scale < 0 ? first : last;
  return mlpi_axis_pixel(a, v);
}

/* Box i on whole pixels, so that neighbours meet without a seam. */
static mlpi_Box box_of (const mlpi_Pen *p, const mlpi_Series *s, size_t i) {
  const mlpi_Box *b = &p->panel->box;
  const mlpi_Axis *ax = &p->panel->axis[MLPI_AX], *ay = y_axis(p, s);
  double x0 = edge(ax, s->x.v[i], b->x0, b->x1);
  double x1 = edge(ax, s->x2.v[i], b->x0, b->x1);
  double y0 = edge(ay, s->y.v[i], b->y0, b->y1);
  double y1 = edge(ay, s->y2.v[i], b->y0, b->y1);
  return (mlpi_Box){ rint(fmin(x0, x1)), rint(fmin(y0, y1)), rint(fmax(x0, x1)),
                     rint(fmax(y0, y1)) };
}

void mlpi_round_box (cairo_t *cr, mlpi_Box b, double r) {
  double quarter = acos(-1) / 2;
  r = fmin(r, fmin(b.x1 - b.x0, b.y1 - b.y0) / 2);
  cairo_new_path(cr);
  if (r <= 0) {
    cairo_rectangle(cr, b.x0, b.y0, b.x1 - b.x0, b.y1 - b.y0);
    return;
  }
  cairo_arc(cr, b.x1 - r, b.y0 + r, r, -quarter, 0);
  cairo_arc(cr, b.x1 - r, b.y1 - r, r, 0, quarter);
  cairo_arc(cr, b.x0 + r, b.y1 - r, r, quarter, 2 * quarter);
  cairo_arc(cr, b.x0 + r, b.y0 + r, r, 2 * quarter, 3 * quarter);
  cairo_close_path(cr);
}

void mlpi_draw_boxes (mlpi_Pen *p, const mlpi_Series *s) {
  cairo_t *cr = p->canvas->cr;
  double pt = p->canvas->pt, lo, hi;
  mlpi_map_limits(s, &lo, &hi);
  cairo_set_dash(cr, NULL, 0, 0);
  for (size_t i = 0; i < s->x.n; i++) {
    mlpi_Box b = box_of(p, s, i);
    mlpi_Colour colour;
    if (isnan(b.x0 + b.x1 + b.y0 + b.y1)) continue;
    if (!mlpi_item_colour(p->figure, s, i, lo, hi, &colour)) continue;
    mlpi_round_box(cr, b, s->radius * pt);
    mlpi_set_colour(cr, colour, s->alpha);
    cairo_fill_preserve(cr);
    mlpi_set_colour(cr, s->edge, 1);
    cairo_set_line_width(cr, s->width * pt);
    if (s->has_edge)
      cairo_stroke(cr);
    else
      cairo_new_path(cr);
  }
  if (s->low.v != NULL) mlpi_draw_whiskers(p, s);
}

/* The shaft ends within the head, whose point is at the end. */
void mlpi_draw_arrow (cairo_t *cr, double x0, double y0, double x1, double y1,
                      double head, double width) {
  double dx = x1 - x0, dy = y1 - y0, length = hypot(dx, dy);
  cairo_set_line_width(cr, width);
  if (!(length > 0)) return;
  dx /= length;
  dy /= length;
  head = fmin(head, length);
  cairo_move_to(cr, x0, y0);
  cairo_line_to(cr, x1 - dx * head * .8, y1 - dy * head * .8);
  cairo_stroke(cr);
  if (head <= 0) return;
  double bx = x1 - dx * head, by = y1 - dy * head, half = head * .42;
  cairo_move_to(cr, x1, y1);
  cairo_line_to(cr, bx - dy * half, by + dx * half);
  cairo_line_to(cr, bx + dy * half, by - dx * half);
  cairo_close_path(cr);
  cairo_fill(cr);
}

void mlpi_draw_segments (mlpi_Pen *p, const mlpi_Series *s) {
  const mlpi_Axis *ax = &p->panel->axis[MLPI_AX], *ay = y_axis(p, s);
  cairo_t *cr = p->canvas->cr;
  double pt = p->canvas->pt, lo, hi;
  mlpi_map_limits(s, &lo, &hi);
  for (size_t i = 0; i < s->x.n; i++) {
    mlpi_Colour colour;
    double x0 = mlpi_axis_pixel(ax, s->x.v[i]);
    double y0 = mlpi_axis_pixel(ay, s->y.v[i]);
    double x1 = mlpi_axis_pixel(ax, s->x2.v[i]);
    double y1 = mlpi_axis_pixel(ay, s->y2.v[i]);
    double width = pt * (s->widths.v != NULL ? s->widths.v[i] : s->width);
    if (isnan(x0 + y0 + x1 + y1) || !(width > 0)) continue;
    if (!mlpi_item_colour(p->figure, s, i, lo, hi, &colour)) continue;
    mlpi_set_colour(cr, colour, s->alpha);
    mlpi_set_dash(cr, s->dash, width, 0);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_BUTT);
    mlpi_draw_arrow(cr, x0, y0, x1, y1, s->head * pt, width);
  }
}

/* A level or upright line with a foot at each end. */
static void whisker (cairo_t *cr, double x, double a, double b, double foot,
                     bool level) {
  double at[4][2] = {
    { x - foot, a }, { x + foot, a }, { x - foot, b }, { x + foot, b }
  };
  for (int i = 0; i < 4; i += 2) {
    cairo_move_to(cr, at[i][level], at[i][!level]);
    cairo_line_to(cr, at[i + 1][level], at[i + 1][!level]);
  }
  cairo_move_to(cr, level ? a : x, level ? x : a);
  cairo_line_to(cr, level ? b : x, level ? x : b);
}

void mlpi_draw_whiskers (mlpi_Pen *p, const mlpi_Series *s) {
  const mlpi_Axis *ax = &p->panel->axis[MLPI_AX], *ay = y_axis(p, s);
  cairo_t *cr = p->canvas->cr;
  double pt = p->canvas->pt;
  bool bars = s->kind == MLPI_BARS;
  mlpi_set_colour(cr, bars ? p->figure->theme->fore : s->colour, s->alpha);
  cairo_set_line_width(cr, 1 * pt);
  mlpi_set_dash(cr, MLPI_SOLID, pt, 0);
  for (size_t i = 0; i < s->low.n; i++) {
    const mlpi_Axis *along = s->level ? ax : ay, *across = s->level ? ay : ax;
    double at = s->level ? s->y.v[i] : s->x.v[i];
    if (bars) at = (at + (s->level ? s->y2.v[i] : s->x2.v[i])) / 2;
    double x = mlpi_axis_pixel(across, at);
    double a = mlpi_axis_pixel(along, s->low.v[i]);
    double b = mlpi_axis_pixel(along, s->high.v[i]);
    if (isfinite(x + a + b)) whisker(cr, x, a, b, 2.5 * pt, s->level);
  }
  cairo_stroke(cr);
}
