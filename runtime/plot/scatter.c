/*
** scatter.c - markers. Each kind is drawn once by cairo at sixteen places
** within a pixel, then stamped: a million points in a fraction of a second.
*/
#include "plot/canvas.h"

#include <math.h>
#include <string.h>

enum { PHASES = 4, LEVELS = 64 }; /* places along a side; colours of a map */

static void marker_path (cairo_t *cr, int marker, double r, double x,
                         double y) {
  cairo_new_path(cr);
  switch (marker) {
  case MLPI_SQUARE:
    cairo_rectangle(cr, x - .89 * r, y - .89 * r, 1.78 * r, 1.78 * r);
    break;
  case MLPI_TRIANGLE:
    cairo_move_to(cr, x, y - 1.1 * r);
    cairo_line_to(cr, x + r, y + .8 * r);
    cairo_line_to(cr, x - r, y + .8 * r);
    cairo_close_path(cr);
    break;
  case MLPI_CROSS:
    cairo_move_to(cr, x - .8 * r, y - .8 * r);
    cairo_line_to(cr, x + .8 * r, y + .8 * r);
    cairo_move_to(cr, x - .8 * r, y + .8 * r);
    cairo_line_to(cr, x + .8 * r, y - .8 * r);
    break;
  case MLPI_PLUS:
    cairo_move_to(cr, x - r, y);
    cairo_line_to(cr, x + r, y);
    cairo_move_to(cr, x, y - r);
    cairo_line_to(cr, x, y + r);
    break;
  case MLPI_DIAMOND:
    cairo_move_to(cr, x, y - 1.2 * r);
    cairo_line_to(cr, x + r, y);
    cairo_line_to(cr, x, y + 1.2 * r);
    cairo_line_to(cr, x - r, y);
    cairo_close_path(cr);
    break;
  case MLPI_STAR:
    for (int i = 0; i < 10; i++) {
      double a = i * acos(-1) / 5, q = i % 2 ? .5 * r : 1.25 * r;
      cairo_line_to(cr, x + q * sin(a), y - q * cos(a));
    }
    cairo_close_path(cr);
    break;
  default:
    cairo_arc(cr, x, y, r, 0, 2 * acos(-1));
  }
}

void mlpi_draw_marker (cairo_t *cr, double pt, const mlpi_Series *s,
                       mlpi_Colour colour, double x, double y) {
  double r = s->size * pt / 2;
  marker_path(cr, s->marker, r, x, y);
  cairo_set_line_join(cr, CAIRO_LINE_JOIN_MITER);
  cairo_set_line_width(cr, fmin(.7, .15 * s->size) * pt);
  mlpi_set_colour(cr, colour, s->alpha);
  if (s->marker == MLPI_CROSS || s->marker == MLPI_PLUS ||
      s->marker == MLPI_RING) {
    cairo_set_line_width(cr,
                         fmax(s->marker == MLPI_RING ? r / 3 : r / 2, .8 * pt));
    cairo_stroke(cr);
    return;
  }
  cairo_fill_preserve(cr);
  mlpi_set_colour(cr, s->edge, s->alpha);
  if (s->has_edge)
    cairo_stroke(cr);
  else
    cairo_new_path(cr);
}

typedef struct Stamps {
  int side;            /* pixels */
  bool *made;          /* [colour * PHASES^2 + phase] */
  uint32_t *pixels;    /* premultiplied, side * side for each */
  uint16_t (*span)[2]; /* first and last + 1 of a row's pixels that are inked */
  size_t n;
} Stamps;

static size_t stamp_bytes (const Stamps *t) {
  return t->n * (size_t)t->side * (size_t)t->side * sizeof *t->pixels;
}

static mlp_Status stamps_open (mlp_Runtime *rt, Stamps *t, double reach,
                               int colours) {
  *t = (Stamps){ .side = 2 * (int)ceil(reach) + 2 };
  t->n = (size_t)colours * PHASES * PHASES;
  t->made = mlpi_calloc(rt, t->n, sizeof *t->made);
  t->pixels = mlpi_calloc(rt, 1, stamp_bytes(t));
  t->span = mlpi_calloc(rt, t->n * (size_t)t->side, sizeof *t->span);
  return t->made != NULL && t->pixels != NULL && t->span != NULL ? MLP_OK
                                                                 : MLP_ENOMEM;
}

static void stamps_close (mlp_Runtime *rt, Stamps *t) {
  mlpi_free(rt, t->made, t->n * sizeof *t->made);
  mlpi_free(rt, t->pixels, stamp_bytes(t));
  mlpi_free(rt, t->span, t->n * (size_t)t->side * sizeof *t->span);
}

static void find_spans (Stamps *t, size_t k) {
  const uint32_t *p = t->pixels + k * (size_t)t->side * (size_t)t->side;
  for (int j = 0; j < t->side; j++, p += t->side) {
    int from = 0, to = t->side;
    while (from < to && p[from] == 0) from++;
    while (to > from && p[to - 1] == 0) to--;
    t->span[k * (size_t)t->side + (size_t)j][0] = (uint16_t)from;
    t->span[k * (size_t)t->side + (size_t)j][1] = (uint16_t)to;
  }
}

/* See to it that the k-th stamp is drawn. */
static void make_stamp (mlpi_Pen *p, const mlpi_Series *s, Stamps *t, size_t k,
                        mlpi_Colour colour) {
  uint32_t *pixels = t->pixels + k * (size_t)t->side * (size_t)t->side;
  cairo_surface_t *surface = cairo_image_surface_create_for_data(
      (unsigned char *)pixels, CAIRO_FORMAT_ARGB32, t->side, t->side,
      t->side * 4);
  cairo_t *cr = cairo_create(surface);
  size_t phase = k % (PHASES * PHASES);
  double middle = t->side / 2;
  mlpi_draw_marker(cr, p->canvas->pt, s, colour,
                   middle + (.5 + (double)(phase % PHASES)) / PHASES,
                   middle + (.5 + (double)(phase / PHASES)) / PHASES);
  cairo_destroy(cr);
  cairo_surface_destroy(surface);
  t->made[k] = true;
  find_spans(t, k);
}

/* Premultiplied s over d, four channels at once. */
static uint32_t over (uint32_t s, uint32_t d) {
  uint32_t a = 255 - (s >> 24);
  uint32_t rb = (d & 0xFF00FF) * a + 0x800080;
  uint32_t ag = (d >> 8 & 0xFF00FF) * a + 0x800080;
  rb = (rb + (rb >> 8 & 0xFF00FF)) >> 8 & 0xFF00FF;
  ag = (ag + (ag >> 8 & 0xFF00FF)) & 0xFF00FF00;
  return s + (rb | ag);
}

static void press (mlpi_Pen *p, const Stamps *t, size_t k, int x, int y) {
  const mlpi_Box *b = &p->panel->box;
  const uint32_t *from = t->pixels + k * (size_t)t->side * (size_t)t->side;
  uint32_t *canvas = (uint32_t *)(void *)p->canvas->pixels;
  int left = (int)b->x0 - x, right = (int)b->x1 - x;
  int j0 = y < (int)b->y0 ? (int)b->y0 - y : 0;
  int j1 = y + t->side > (int)b->y1 ? (int)b->y1 - y : t->side;
  if (right <= 0 || left >= t->side) return;
  for (int j = j0; j < j1; j++) {
    const uint16_t *span = t->span[k * (size_t)t->side + (size_t)j];
    uint32_t *row = canvas + (size_t)(y + j) * (size_t)p->canvas->width + x;
    int i = span[0] > left ? span[0] : left;
    int end = span[1] < right ? span[1] : right;
    for (; i < end; i++) {
      uint32_t ink = from[j * t->side + i];
      row[i] = ink >> 24 == 255 ? ink : over(ink, row[i]);
    }
  }
}

/* Which of the stamped colours a point has, and that colour. */
static size_t pick (mlpi_Pen *p, const mlpi_Series *s, size_t i, double lo,
                    double hi, mlpi_Colour *out) {
  *out = s->colour;
  if (s->c.v == NULL) return 0;
  if (!s->by_value) {
    *out = mlpi_class_colour(p->figure, s, (int)s->c.v[i]);
    return (size_t)((int)s->c.v[i] - 1) % (size_t)p->figure->theme->ncycle;
  }
  double t = mlpi_map_position(s, mlpi_map_share(s, lo, hi, s->c.v[i]));
  size_t level = (size_t)(t * (LEVELS - 1) + .5);
  *out = mlpi_map_colour(&s->map, (double)level / (LEVELS - 1));
  return level;
}

static void stamp_points (mlpi_Pen *p, const mlpi_Series *s, Stamps *t) {
  const mlpi_Axis *ax = &p->panel->axis[MLPI_AX];
  const mlpi_Axis *ay = &p->panel->axis[s->right ? MLPI_AR : MLPI_AY];
  double lo, hi;
  mlpi_Colour colour;
  mlpi_map_limits(s, &lo, &hi);
  for (size_t i = 0; i < s->x.n; i++) {
    double x = mlpi_axis_pixel(ax, s->x.v[i]);
    double y = mlpi_axis_pixel(ay, s->y.v[i]);
    if (isnan(x + y) || (s->by_value && isnan(s->c.v[i]))) continue;
    size_t k = pick(p, s, i, lo, hi, &colour);
    int px = (int)((x - floor(x)) * PHASES),
        py = (int)((y - floor(y)) * PHASES);
    k = k * PHASES * PHASES + (size_t)(py * PHASES + px);
    if (!t->made[k]) make_stamp(p, s, t, k, colour);
    press(p, t, k, (int)floor(x) - t->side / 2, (int)floor(y) - t->side / 2);
  }
}

static mlp_Status stamp_all (mlpi_Pen *p, const mlpi_Series *s) {
  Stamps t;
  double reach = (s->size / 2 * 1.3 + 1) * p->canvas->pt;
  int colours = s->by_value ? LEVELS : p->figure->theme->ncycle;
  mlp_Status status = stamps_open(p->canvas->rt, &t, reach, colours);
  if (status == MLP_OK) {
    cairo_surface_flush(p->canvas->surface);
    stamp_points(p, s, &t);
    cairo_surface_mark_dirty(p->canvas->surface);
  }
  stamps_close(p->canvas->rt, &t);
  return status;
}

/* Few markers stay shapes in a picture made of shapes. */
static void draw_each (mlpi_Pen *p, const mlpi_Series *s) {
  const mlpi_Axis *ax = &p->panel->axis[MLPI_AX];
  const mlpi_Axis *ay = &p->panel->axis[s->right ? MLPI_AR : MLPI_AY];
  double lo, hi;
  mlpi_Colour colour;
  mlpi_map_limits(s, &lo, &hi);
  for (size_t i = 0; i < s->x.n; i++) {
    double x = mlpi_axis_pixel(ax, s->x.v[i]);
    double y = mlpi_axis_pixel(ay, s->y.v[i]);
    if (isfinite(x + y) && mlpi_item_colour(p->figure, s, i, lo, hi, &colour))
      mlpi_draw_marker(p->canvas->cr, p->canvas->pt, s, colour, x, y);
  }
}

enum { SHAPES = 5000 }; /* beyond that pixels, in a picture of shapes too */

mlp_Status mlpi_draw_scatter (mlpi_Pen *p, const mlpi_Series *s) {
  if (s->kind == MLPI_SCATTER && s->low.v != NULL) mlpi_draw_whiskers(p, s);
  if (p->canvas->pixels != NULL) return stamp_all(p, s);
  if (s->x.n > SHAPES) return mlpi_draw_picture(p, s, stamp_all);
  draw_each(p, s);
  return MLP_OK;
}
